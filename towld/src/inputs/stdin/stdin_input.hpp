// StdinInput collects what comes on a descriptor, by default standard input, an entry a line.
//
// Nothing is read while the store has no room, so that the writer waits. What was read is kept until it is stored;
// if the collector dies, what it had read and not stored is lost: there is no position to go back to.
// Threads: its own, joined by stop() and the destructor.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "ingest/wakeup.hpp"
#include "inputs/gatherer.hpp"
#include "inputs/input.hpp"
#include "inputs/stdin/line_splitter.hpp"
#include "inputs/submissions.hpp"

namespace towld {

class StdinInput : public Input {
 public:
  struct Options {
    int fd = 0;  ///< Borrowed.
    /// Called once, on the input's thread, when the input has ended and all of it is stored. Must not call stop().
    std::function<void()> at_end = {};
  };

  /// Borrows the ingest. Errors: io.
  static towl::Result<std::unique_ptr<StdinInput>> start(InputContext context, Options options);

  /// For start() alone.
  StdinInput(InputContext context, Options options, std::shared_ptr<Wakeup> wakeup);
  ~StdinInput() override { stop(); }

  void stop() override;

  InputStatus status() const override;

 private:
  enum class State { reading, ended, stopped };

  void run();
  State read_some();
  void take(std::string_view text, std::uint64_t line_bytes, towl::Timestamp received);
  void submit();
  void drain();

  InputContext context_;
  Options options_;
  std::shared_ptr<Wakeup> wakeup_;
  // Of the thread.
  Gatherer gatherer_;
  Submissions submissions_;
  LineSplitter lines_;
  std::string buffer_;

  std::atomic<bool> ended_ = false;
  std::atomic<bool> stopping_ = false;
  std::jthread thread_;
};

}  // namespace towld
