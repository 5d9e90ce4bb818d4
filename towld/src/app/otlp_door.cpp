#include "app/otlp_door.hpp"

#include <utility>

namespace towld {
namespace {

constexpr std::string_view kPath = "/v1/logs";

ExportAnswer answer_of(HttpResponse response) {
  using Outcome = ExportAnswer::Outcome;
  constexpr unsigned kNotFound = 404;
  constexpr unsigned kTooMany = 429;
  constexpr unsigned kServersFault = 500;
  if (response.status < 300) return {Outcome::stored, std::move(response.body)};
  if (response.status == kNotFound) return {Outcome::not_taken, "no input of type http speaks otlp"};
  const bool is_busy = response.status == kTooMany || response.status >= kServersFault;
  return {is_busy ? Outcome::busy : Outcome::refused, std::move(response.body)};
}

}  // namespace

TakeExport otlp_door(const std::shared_ptr<HttpEndpoint>& endpoint) {
  if (!endpoint) return {};
  return [slot = endpoint->slot(kPath)](ExportRequest exported, std::function<void(ExportAnswer)> answer) {
    slot->loop()->post([slot, exported = std::move(exported), answer = std::move(answer)]() mutable {
      HttpRequest request;
      request.method = HttpMethod::post;
      request.path = kPath;
      request.body = std::move(exported.message);
      request.peer = std::move(exported.peer);
      request.grant = std::move(exported.grant);
      request.add_header("Content-Type", "application/x-protobuf");
      slot->handle(request, HttpResponder(slot->loop(), [answer = std::move(answer)](HttpResponse response) {
                     answer(answer_of(std::move(response)));
                   }));
    });
  };
}

}  // namespace towld
