#include "inputs/http/http_endpoint.hpp"

namespace towld {

void HttpEndpoint::add(HttpRoutes& routes, std::string_view path, bool expected) {
  const auto slot = std::make_shared<HttpSlot>(loop_, "no input takes entries here", expected);
  routes.add(std::string(path), {HttpMethod::post}, slot, Need::ingest);
  slots_.emplace(path, slot);
}

}  // namespace towld
