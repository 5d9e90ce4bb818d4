// HttpRoutes is the table of paths and who answers them.
//
// Filled before the server starts, then read on its thread alone.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/http_message.hpp"

namespace towld {

/// The statuses that are counted by themselves; any other counts as the last.
inline constexpr std::array<unsigned, 17> kCountedStatuses = {200, 202, 204, 400, 403, 404, 405, 408, 413,
                                                              415, 417, 429, 431, 500, 501, 503, 505};

/// A path, and how often it was answered with what.
struct HttpRoute {
  std::string
      path;  ///< One that ends with `/` stands for all paths below it, one that begins with `*` for all that end so.
  std::vector<HttpMethod> methods;
  std::shared_ptr<HttpHandler> handler;
  std::array<std::atomic<std::uint64_t>, kCountedStatuses.size()> answers = {};

  void count(unsigned status);
};

class HttpRoutes {
 public:
  HttpRoutes();

  /// GET includes HEAD.
  void add(std::string path, std::vector<HttpMethod> methods, std::shared_ptr<HttpHandler> handler);

  /// nullptr where there is none.
  HttpRoute* find(std::string_view path);

  /// Counts requests to paths that there are not, and those without a path.
  HttpRoute& unknown() { return routes_.front(); }

  /// "" is the unknown ones.
  const std::deque<HttpRoute>& all() const { return routes_; }

 private:
  std::deque<HttpRoute> routes_;
};

/// 405 for a method that `route` does not have.
HttpResponse method_not_allowed(const HttpRoute& route);

bool has_method(const HttpRoute& route, HttpMethod method);

}  // namespace towld
