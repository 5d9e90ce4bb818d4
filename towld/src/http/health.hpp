// The answers to GET /healthz and /readyz.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/http_message.hpp"

namespace towld {

/// 200: the process runs and its HTTP side answers.
std::shared_ptr<HttpHandler> health_handler();

/// 200, or 503 with the reason that `not_ready` gives. It is called on the server's thread and must not block.
std::shared_ptr<HttpHandler> readiness_handler(std::function<std::optional<std::string>()> not_ready);

}  // namespace towld
