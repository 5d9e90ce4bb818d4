#include "http/health.hpp"

#include <utility>

namespace towld {

std::shared_ptr<HttpHandler> health_handler() {
  return std::make_shared<HttpFunction>([](const HttpRequest&) { return HttpResponse{.body = R"({"status":"ok"})"}; });
}

std::shared_ptr<HttpHandler> readiness_handler(std::function<std::optional<std::string>()> not_ready) {
  return std::make_shared<HttpFunction>([not_ready = std::move(not_ready)](const HttpRequest&) {
    if (const auto reason = not_ready()) return http_busy(*reason);
    return HttpResponse{.body = R"({"status":"ready"})"};
  });
}

}  // namespace towld
