// MessageSink takes the messages of one listening socket, from all its peers, into batches.
//
// The entries of all connections share batches, each peer's in their order: with many connections of few messages,
// frames stay large.
//
// Threads: the event loop's. It must be made by a shared_ptr's owner that outlives the loop's run.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "inputs/gatherer.hpp"
#include "inputs/syslog/asio.hpp"
#include "inputs/syslog/delivery.hpp"
#include "inputs/syslog/framer.hpp"
#include "towl/record/syslog_time.hpp"
#include "towl/record/time_zone.hpp"

namespace towld {

class MessageSink {
 public:
  /// `resume` is called once has_room() may be true again. `can_wait`: the source keeps what is not read.
  MessageSink(const InputContext& context, towl::TimeZone zone, std::shared_ptr<asio::io_context> loop, bool can_wait,
              std::function<void()> resume);

  /// Takes one message; it is submitted soon.
  void take(const Frame& frame, towl::Timestamp received, std::string_view peer);

  /// Counts bytes that were read.
  void count_bytes(std::size_t bytes) { gatherer_.context().counters->bytes += bytes; }

  /// Whether there is room to read more. Where there is none, `resume` will be called.
  bool has_room();

  /// Submits what is taken.
  void flush();

  /// Submits what is taken, for good.
  void stop();

  const InputContext& context() const { return gatherer_.context(); }

 private:
  void flush_soon();

  const std::shared_ptr<asio::io_context> loop_;
  const towl::TimeZone zone_;
  const std::function<void()> resume_;
  Gatherer gatherer_;
  std::shared_ptr<Delivery> delivery_;
  towl::SyslogTimeCache time_cache_ = {};
  bool is_flush_posted_ = false;
  bool is_waiting_for_room_ = false;
};

}  // namespace towld
