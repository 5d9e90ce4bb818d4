// PushSession is one connection of a forwarder to a collector: it sends what the collector lacks until it is cut.
//
// In flight: at most kPushWindowBytes and a chunk are not acknowledged, so that a cut sends little again.
// Threads:   run() is one thread's; it has another to read answers, which it joins. store_changed() from any.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "ingest/pushed_files.hpp"
#include "limits/limits.hpp"
#include "towl/mirror/catalog.hpp"
#include "towl/mirror/store_feed.hpp"
#include "towl/mirror/store_state.hpp"
#include "towl/v1/towl.grpc.pb.h"

namespace towld {

class PushSession final : public towl::StoreListener {
 public:
  struct Callbacks {
    /// The collector has answered with how far it is; returns where to go on, or why it cannot be.
    std::function<towl::Result<PushPosition>(const PushPosition& collector)> connected;
    /// So much more is stored there. On another thread.
    std::function<void(const PushPosition& stored, std::uint64_t entries)> acknowledged;
    std::function<void(std::uint64_t bytes)> sent;
    /// What the collector was told of this store is still true; asked before each chunk. Empty: it is.
    std::function<bool()> is_current = {};
    /// Entries that this store has lost, or that were removed from it before they were sent.
    std::function<void(const std::string& what)> lost;
  };

  /// Borrows all but the callbacks.
  PushSession(const towl::Catalog& catalog, Callbacks callbacks)
      : catalog_(catalog), callbacks_(std::move(callbacks)) {}

  /// Who pushes.
  struct Sender {
    std::string identity = {};              ///< Of its store.
    std::vector<std::string> through = {};  ///< Stores whose entries are in it.
    std::string token = {};                 ///< Empty: none.
  };

  /// Sends until the connection is cut or `stop` is asked for.
  /// Returns why it ended; empty after a stop.
  std::string run(towl::v1::Towl::Stub& stub, const Sender& sender, const std::stop_token& stop);

  void store_changed() override;

 private:
  using Stream = grpc::ClientReaderWriter<towl::v1::PushRequest, towl::v1::PushResponse>;
  struct InFlight {
    PushPosition end;
    std::uint64_t entries = 0;
    std::size_t bytes = 0;
  };

  std::string greet(Stream& stream, const Sender& sender, PushPosition& position);
  std::string send(Stream& stream, PushPosition position, const std::stop_token& stop);
  std::string send_files(Stream& stream, PushPosition& position, const std::stop_token& stop);
  std::string send_step(Stream& stream, towl::FeedStep& step, PushPosition& position, const std::stop_token& stop);
  std::string send_chunk(Stream& stream, towl::Chunk& chunk, PushPosition& position, const std::stop_token& stop);
  void read_answers(Stream& stream);
  bool wait_for_change(const std::stop_token& stop);
  bool wait_for_window(std::size_t bytes, const std::stop_token& stop);
  bool is_over(const std::stop_token& stop);

  const towl::Catalog& catalog_;
  Callbacks callbacks_;
  grpc::ClientContext context_;
  PushPosition begun_;  // where the file that is sent begins

  std::mutex mutex_;
  std::condition_variable_any woken_;
  bool changed_ = false;
  bool closed_ = false;  // no more answers
  std::string cut_;      // why this side ended it, if it is the answers' fault
  PushPosition sent_;    // so much was, at least
  std::deque<InFlight> in_flight_;
  std::size_t in_flight_bytes_ = 0;
};

}  // namespace towld
