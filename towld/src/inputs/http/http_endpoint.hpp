// HttpEndpoint has the paths of the collector's HTTP server that clients post entries to. Inputs come to them and leave
// while the server runs.
//
// Threads: add() before the server starts; the rest from any.
#pragma once

#include <utility>
// Boost.Asio after <utility>: g++ 12 needs it for coroutines.
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "http/http_loop.hpp"
#include "http/http_routes.hpp"
#include "http/http_slot.hpp"
#include "limits/configured.hpp"

namespace towld {

class HttpEndpoint {
 public:
  explicit HttpEndpoint(std::shared_ptr<HttpLoop> loop, const HttpLimits& limits = {},
                        std::shared_ptr<LimitCounts> reached = std::make_shared<LimitCounts>())
      : loop_(std::move(loop)), limits_(limits), reached_(std::move(reached)) {}

  /// Adds the path to `routes`. `expected`: an input will take it in a moment; until then clients are told to come
  /// again. `is_asked`: clients also ask there what server they talk to (GET, HEAD, PUT).
  void add(HttpRoutes& routes, std::string_view path, bool expected, bool is_asked = false);

  /// Where an input of that path answers. The path must have been added.
  const std::shared_ptr<HttpSlot>& slot(std::string_view path) const { return slots_.find(path)->second; }

  /// The inputs have started: a path that no input has taken does not exist.
  void expect_no_more() {
    for (const auto& [path, slot] : slots_) slot->expect_nobody();
  }

  /// What a request may bring.
  const HttpLimits& limits() const { return limits_; }
  const std::shared_ptr<LimitCounts>& reached() const { return reached_; }

  /// One thread that reads the entries of large bodies, one after the other: the loop's others do not wait for them.
  /// What waits for it is bounded with the bodies.
  boost::asio::thread_pool& reader() { return reader_; }

 private:
  std::shared_ptr<HttpLoop> loop_;
  const HttpLimits limits_;
  const std::shared_ptr<LimitCounts> reached_;
  std::map<std::string, std::shared_ptr<HttpSlot>, std::less<>> slots_;
  boost::asio::thread_pool reader_{1};
};

}  // namespace towld
