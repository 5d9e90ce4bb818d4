#include "inputs/http/http_input.hpp"

#include <future>
#include <string>
#include <utility>

namespace towld {

towl::Result<std::unique_ptr<HttpInput>> HttpInput::start(InputContext context,
                                                          const std::shared_ptr<HttpEndpoint>& endpoint,
                                                          std::string_view path, std::unique_ptr<HttpProtocol> protocol,
                                                          const HttpLimits& limits) {
  if (!endpoint) {
    return towl::fail(towl::ErrorCode::invalid_argument, "it needs an HTTP address, and listen.http is none");
  }
  const auto& slot = endpoint->slot(path);
  auto intake = std::make_shared<HttpIntake>(std::move(context), std::move(protocol), slot->loop(), limits);
  if (!slot->take(intake)) {
    return towl::fail(towl::ErrorCode::already_exists,
                      "another input of its type takes what is posted to " + std::string(path));
  }
  return std::make_unique<HttpInput>(std::move(intake), slot);
}

void HttpInput::stop() {
  slot_->leave();
  auto stopped = std::make_shared<std::promise<void>>();
  auto done = stopped->get_future();
  // Where the loop has ended this is dropped, and nothing more is taken either.
  slot_->loop()->post([intake = intake_, stopped = std::move(stopped)] {
    intake->stop();
    stopped->set_value();
  });
  done.wait();
}

}  // namespace towld
