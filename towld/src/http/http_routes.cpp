#include "http/http_routes.hpp"

#include <algorithm>
#include <utility>

namespace towld {

void HttpRoute::count(unsigned status) {
  const auto found = std::find(kCountedStatuses.begin(), kCountedStatuses.end(), status);
  const auto at = found == kCountedStatuses.end() ? kCountedStatuses.size() - 1
                                                  : static_cast<std::size_t>(found - kCountedStatuses.begin());
  answers[at].fetch_add(1, std::memory_order_relaxed);
}

HttpRoutes::HttpRoutes() { routes_.emplace_back(); }

void HttpRoutes::add(std::string path, std::vector<HttpMethod> methods, std::shared_ptr<HttpHandler> handler,
                     std::optional<Need> need) {
  HttpRoute& route = routes_.emplace_back();
  route.path = std::move(path);
  route.methods = std::move(methods);
  route.handler = std::move(handler);
  route.need = need;
}

HttpRoute* HttpRoutes::find(std::string_view path) {
  for (HttpRoute& route : routes_) {
    if (route.path.empty()) continue;
    if (route.path == path) return &route;
    if (route.path.starts_with('*') && path.ends_with(std::string_view(route.path).substr(1))) return &route;
    if (route.path.size() > 1 && route.path.ends_with('/') && path.starts_with(route.path) && path.size() > route.path.size()) return &route;
  }
  return nullptr;
}

bool has_method(const HttpRoute& route, HttpMethod method) {
  const auto has = [&](HttpMethod wanted) {
    return std::find(route.methods.begin(), route.methods.end(), wanted) != route.methods.end();
  };
  return has(method) || (method == HttpMethod::head && has(HttpMethod::get));
}

HttpResponse method_not_allowed(const HttpRoute& route) {
  std::string allow;
  for (const HttpMethod method : route.methods) {
    allow += (allow.empty() ? "" : ", ") + std::string(name_of(method));
    if (method == HttpMethod::get) allow += ", HEAD";
  }
  HttpResponse response = http_error(405, "this path takes " + allow);
  response.allow = std::move(allow);
  return response;
}

}  // namespace towld
