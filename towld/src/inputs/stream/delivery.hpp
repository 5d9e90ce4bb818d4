// Delivery hands batches of a network source to Ingest and keeps each until it is stored.
//
// Syslog has no acknowledgements: what is lost here is lost. So a source that can wait (a connection that is not read)
// waits while the disk is full, and its batches are tried again, in their order, once a second. For datagrams, what
// cannot be stored is counted as dropped and overflowed. Callers that wait for an acknowledgement hear of the outcome.
//
// Memory:  what Ingest's queue held when storing failed, and one read of each connection.
// Threads: those of the event loop, except that batches are answered on the writer's. Held by the batches in flight, so
//          that it may be answered after its owner is gone.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "ingest/batch.hpp"
#include "inputs/gatherer.hpp"
#include "inputs/stream/asio.hpp"

namespace towld {

class Delivery : public std::enable_shared_from_this<Delivery> {
 public:
  /// `resumed` is called by the event loop once is_blocked() is false again.
  Delivery(InputContext context, std::shared_ptr<asio::io_context> loop, bool can_wait, std::function<void()> resumed);

  /// On the event loop. The batch's `done` is called, on the writer's thread, once it is stored, or will never be; in
  /// the order of the batches.
  void submit(Batch batch);

  /// On the event loop. True while something has to be tried again: nothing should be submitted.
  bool is_blocked() const { return is_blocked_; }

  /// On the event loop. What could not be stored is tried a last time; what is refused from now on is counted.
  void stop();

 private:
  void send(Batch batch, bool is_probe);
  void answered(Batch& batch, bool is_probe, const towl::Result<Acknowledgement>& answer);
  void count_lost(const Batch& batch);
  void block(const towl::Error& error);
  void wait_to_retry();
  void retry();
  void unblock();

  const InputContext context_;
  const std::shared_ptr<asio::io_context> loop_;
  const bool can_wait_;
  std::function<void()> resumed_;
  // Of the event loop.
  asio::steady_timer timer_;
  std::shared_ptr<BatchStream> stream_ = std::make_shared<BatchStream>();
  bool is_blocked_ = false;
  bool is_waiting_ = false;

  std::mutex mutex_;
  std::deque<Batch> unsent_;
  std::size_t in_flight_ = 0;
  bool is_stopped_ = false;
};

}  // namespace towld
