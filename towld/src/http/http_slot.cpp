#include "http/http_slot.hpp"

#include <utility>

namespace towld {

bool HttpSlot::take(std::shared_ptr<HttpHandler> handler) {
  if (taken_.exchange(true)) return false;
  loop_->post([self = shared_from_this(), handler = std::move(handler)] { self->set(handler); });
  return true;
}

void HttpSlot::leave() {
  // After this, so that the next one is not removed in its place.
  loop_->post([self = shared_from_this()] { self->set(nullptr); });
  taken_ = false;
}

void HttpSlot::expect_nobody() {
  loop_->post([self = shared_from_this()] {
    if (!self->handler_) self->expected_ = false;
  });
}

void HttpSlot::set(std::shared_ptr<HttpHandler> handler) {
  handler_ = std::move(handler);
  expected_ = true;
  if (handler_) handler_->on_room(room_listener_);
  // Requests that waited for the one before need not wait for this one.
  if (room_listener_) room_listener_();
}

void HttpSlot::on_room(std::function<void()> listener) {
  room_listener_ = std::move(listener);
  if (handler_) handler_->on_room(room_listener_);
}

// If the handler has left in the meantime, handle() says so.
void HttpSlot::take_part(HttpRequest& request) {
  if (const auto handler = handler_) return handler->take_part(request);
  request.body.clear();
}

void HttpSlot::handle(HttpRequest& request, HttpResponder respond) {
  if (!handler_) return respond(expected_ ? http_busy(when_empty_) : http_error(404, when_empty_));
  // It may leave while it handles.
  const auto handler = handler_;
  handler->handle(request, std::move(respond));
}

}  // namespace towld
