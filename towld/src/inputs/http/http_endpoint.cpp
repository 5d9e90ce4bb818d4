#include "inputs/http/http_endpoint.hpp"

#include <utility>
#include <vector>

namespace towld {

void HttpEndpoint::add(HttpRoutes& routes, std::string_view path, bool expected, bool is_asked) {
  const auto slot = std::make_shared<HttpSlot>(loop_, "no input takes entries here", expected);
  std::vector<HttpMethod> methods = {HttpMethod::post};
  if (is_asked) methods.insert(methods.end(), {HttpMethod::put, HttpMethod::get});
  routes.add(std::string(path), std::move(methods), slot, Need::ingest);
  slots_.emplace(path, slot);
}

}  // namespace towld
