#include "inputs/http/http_input.hpp"

#include <boost/asio/post.hpp>
#include <future>
#include <string>
#include <utility>

namespace towld {

// NOLINTNEXTLINE(performance-unnecessary-value-param): each part gets one, as if it were an input of its own.
towl::Result<std::unique_ptr<HttpInput>> HttpInput::start(InputContext context,
                                                          const std::shared_ptr<HttpEndpoint>& endpoint,
                                                          std::vector<HttpPart> parts) {
  if (!endpoint) {
    return towl::fail(towl::ErrorCode::invalid_argument, "it needs an HTTP address, and listen.http is none");
  }
  auto input = std::make_unique<HttpInput>();
  input->endpoint_ = endpoint;
  for (HttpPart& part : parts) {
    const auto& loop = endpoint->slot(part.paths.front())->loop();
    auto intake = std::make_shared<HttpIntake>(context, std::move(part.protocol), loop, endpoint->limits(),
                                               endpoint->reached(), endpoint->reader());
    for (const std::string_view path : part.paths) {
      const auto& slot = endpoint->slot(path);
      if (!slot->take(intake)) {
        input->stop();
        return towl::fail(towl::ErrorCode::already_exists,
                          "another input of its type takes what is posted to " + std::string(path));
      }
      input->slots_.push_back(slot);
    }
    input->intakes_.push_back(std::move(intake));
  }
  return input;
}

towl::Result<std::unique_ptr<HttpInput>> HttpInput::start(InputContext context,
                                                          const std::shared_ptr<HttpEndpoint>& endpoint,
                                                          std::string_view path,
                                                          std::unique_ptr<HttpProtocol> protocol) {
  std::vector<HttpPart> parts;
  parts.push_back({{path}, std::move(protocol)});
  return start(std::move(context), endpoint, std::move(parts));
}

void HttpInput::stop() {
  if (slots_.empty()) return;
  for (const auto& slot : slots_) slot->leave();
  auto stopped = std::make_shared<std::promise<void>>();
  auto done = stopped->get_future();
  // If the loop has ended, this is dropped, and nothing more is taken either.
  slots_.front()->loop()->post([intakes = intakes_, stopped = std::move(stopped)] {
    for (const auto& intake : intakes) intake->stop();
    stopped->set_value();
  });
  done.wait();
  // And what the reader has.
  std::promise<void> read;
  boost::asio::post(endpoint_->reader(), [&] { read.set_value(); });
  read.get_future().wait();
}

}  // namespace towld
