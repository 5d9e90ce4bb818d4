// EntrySink takes the entries of one listening socket, from all its peers, into batches, and says when they are
// stored.
//
// The entries of all connections share batches, each peer's in their order: with many connections of few entries,
// frames stay large.
//
// Threads: the event loop's. It must be made by a shared_ptr's owner that outlives the loop's run.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "inputs/gatherer.hpp"
#include "inputs/stream/asio.hpp"
#include "inputs/stream/delivery.hpp"

namespace towld {

class EntrySink {
 public:
  /// `resume` is called once has_room() may be true again. `can_wait`: the source keeps what is not read.
  EntrySink(const InputContext& context, std::shared_ptr<asio::io_context> loop, bool can_wait,
            std::function<void()> resume);

  /// The next draft, empty.
  Draft& draft() { return gatherer_.draft(); }

  /// Takes the draft; it is submitted soon.
  void take();

  /// Counts an entry that cannot be taken, and keeps it: `towlctl cat --rejected`.
  void reject(std::string_view bytes, std::string reason, std::string_view peer);

  /// Called with whether all that was taken so far is stored, once that is known; in the order of the calls.
  using Told = std::function<void(bool stored)>;
  void once_stored(Told told);

  /// Counts bytes that were read.
  void count_bytes(std::size_t bytes) { gatherer_.context().counters->bytes += bytes; }

  /// Whether there is room to read more. If there is none, `resume` will be called.
  bool has_room();

  /// Submits what is taken.
  void flush();

  /// Submits what is taken, for good.
  void stop();

  const InputContext& context() const { return gatherer_.context(); }

 private:
  using AllTold = std::shared_ptr<std::vector<Told>>;

  void flush_soon();
  void submit();
  void landed(bool stored);

  const std::shared_ptr<asio::io_context> loop_;
  const std::function<void()> resume_;
  Gatherer gatherer_;
  std::shared_ptr<Delivery> delivery_;
  std::vector<Told> waiting_;      // for what is taken and not submitted
  std::deque<AllTold> in_flight_;  // of batches that somebody waits for
  bool is_flush_posted_ = false;
  bool is_waiting_for_room_ = false;
};

}  // namespace towld
