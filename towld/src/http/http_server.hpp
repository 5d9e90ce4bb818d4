// HttpServer takes connections and hands their requests to the handlers of its routes.
//
// Threads: everything happens on one, the loop's. listen(), stop() and the counters: any other.
#pragma once

#include <utility>
// Boost.Asio after <utility>: g++ 12 needs it for coroutines.
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "http/http_shared.hpp"
#include "http/http_stream.hpp"
#include "log/spdlog.hpp"
#include "towl/result.hpp"

namespace towld {

/// What a server is made of.
struct HttpParts {
  std::shared_ptr<HttpRoutes> routes;  ///< Complete: nothing may be added any more.
  std::shared_ptr<HttpLoop> loop;
  std::shared_ptr<spdlog::logger> log;
  HttpLimits limits = {};
  /// Makes the streams of connections, on the loop's thread; empty: unencrypted.
  HttpStreamFactory make_stream = {};
  std::shared_ptr<HttpCounters> counters = std::make_shared<HttpCounters>();
  HttpGuard guard = {};
  std::shared_ptr<LimitCounts> reached = std::make_shared<LimitCounts>();
};

class HttpServer {
 public:
  /// Listens on HOST:PORT; port 0 takes a free one. Errors: invalid_argument.
  static towl::Result<std::unique_ptr<HttpServer>> listen(const std::string& address, HttpParts parts);

  /// For listen() alone.
  class Private {
    friend class HttpServer;
    Private() = default;
  };
  HttpServer(Private, HttpParts parts);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  /// HOST:PORT.
  const std::string& address() const { return address_; }

  const HttpCounters& counters() const { return shared_.counters; }

  /// Takes no more connections and requests, waits until those in work are answered, at most for `patience`, and stops
  /// the loop. What answers them (Ingest) must still be there. Can be called again.
  void stop(std::chrono::milliseconds patience);

 private:
  void accept();
  std::optional<Limit> lacks_room(const std::string& peer) const;
  void accepted(boost::asio::ip::tcp::socket socket);
  void sweep();
  void room_again();
  void begin_stop();
  std::vector<std::shared_ptr<HttpSession>> sessions() const;

  HttpShared shared_;
  std::shared_ptr<spdlog::logger> log_;
  HttpStreamFactory make_stream_;
  std::string address_;
  // None once stopped: they must not outlive the loop's context.
  std::optional<boost::asio::ip::tcp::acceptor> acceptor_;
  std::optional<boost::asio::steady_timer> sweep_timer_;
  std::optional<boost::asio::steady_timer> accept_timer_;
  std::chrono::steady_clock::time_point last_warning_ = {};

  std::mutex mutex_;
  std::condition_variable all_gone_;
  bool gone_ = false;
  bool stopped_ = false;  // of the thread that stops
};

}  // namespace towld
