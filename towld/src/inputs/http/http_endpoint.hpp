// HttpEndpoint has the paths of the collector's HTTP server that clients post entries to. Inputs come to them and leave
// while the server runs.
//
// Threads: add() before the server starts; slot() from any.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "http/http_loop.hpp"
#include "http/http_routes.hpp"
#include "http/http_slot.hpp"

namespace towld {

class HttpEndpoint {
 public:
  explicit HttpEndpoint(std::shared_ptr<HttpLoop> loop) : loop_(std::move(loop)) {}

  /// Adds the path to `routes`. `expected`: an input will take it in a moment; until then clients are told to come
  /// again. `is_asked`: clients also ask there what they talk to (GET, HEAD, PUT).
  void add(HttpRoutes& routes, std::string_view path, bool expected, bool is_asked = false);

  /// Where an input of that path answers. The path must have been added.
  const std::shared_ptr<HttpSlot>& slot(std::string_view path) const { return slots_.find(path)->second; }

 private:
  std::shared_ptr<HttpLoop> loop_;
  std::map<std::string, std::shared_ptr<HttpSlot>, std::less<>> slots_;
};

}  // namespace towld
