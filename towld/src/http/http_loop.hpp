// HttpLoop is the one thread that all connections of an HttpServer live on.
//
// Others hold it by shared_ptr and post to it, even after it has stopped: work that is then posted is dropped.
// Why one thread: reading, parsing and answering a small request takes about 15 µs, most of it in the kernel; two cores
//                 must also run the store's writer and the rest of the collector.
#pragma once

#include <utility>
// Boost.Asio after <utility>: g++ 12 needs it for coroutines.
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace towld {

class HttpLoop {
 public:
  /// Starts the thread.
  static std::shared_ptr<HttpLoop> start();

  HttpLoop() = default;
  HttpLoop(const HttpLoop&) = delete;
  HttpLoop& operator=(const HttpLoop&) = delete;
  ~HttpLoop() { stop(); }

  /// Of the loop's thread, or before anything was posted.
  boost::asio::io_context& context() { return *context_; }

  bool in_thread() const { return std::this_thread::get_id() == id_; }

  /// Runs `work` on the loop's thread, soon. Any thread.
  void post(std::function<void()> work);

  /// Ends the thread, and forgets what waits. Not on the loop's thread. Can be called again.
  void stop();

 private:
  std::mutex mutex_;
  std::unique_ptr<boost::asio::io_context> context_;  // Changed under the mutex; none once stopped.
  std::thread::id id_;
  std::jthread thread_;
};

}  // namespace towld
