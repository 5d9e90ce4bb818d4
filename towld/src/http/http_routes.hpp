// HttpRoutes is the table of paths and who answers them.
//
// Filled before the server starts, then read on its thread alone.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/grant.hpp"
#include "http/http_message.hpp"

namespace towld {

/// The statuses that are counted by themselves; any other counts as the last.
inline constexpr std::array<unsigned, 20> kCountedStatuses = {200, 202, 204, 304, 400, 401, 403, 404, 405, 408,
                                                              413, 415, 417, 421, 429, 431, 500, 501, 503, 505};

/// A path, and how often it was answered with what.
struct HttpRoute {
  /// One that ends with `/` stands for all paths below it (`/` alone for itself), one that begins with `*` for all that
  /// end with the rest of it.
  std::string path;
  std::vector<HttpMethod> methods;
  std::shared_ptr<HttpHandler> handler;
  std::optional<Need> need = {};  ///< none: anyone may ask.
  std::array<std::atomic<std::uint64_t>, kCountedStatuses.size()> answers = {};

  void count(unsigned status);
};

class HttpRoutes {
 public:
  HttpRoutes();

  /// GET includes HEAD. `need`: what the sender must be allowed; nullopt: anyone may ask.
  void add(std::string path, std::vector<HttpMethod> methods, std::shared_ptr<HttpHandler> handler,
           std::optional<Need> need = Need::read);

  /// nullptr if there is none.
  HttpRoute* find(std::string_view path);

  /// Counts requests to unknown paths, and those without a path.
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
