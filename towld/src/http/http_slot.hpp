// HttpSlot is the handler of a path whose real handler comes and goes while the server runs, as inputs do when the
// configuration is read again.
//
// Threads: take() and leave() from any; the rest on the server's.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "http/http_loop.hpp"
#include "http/http_message.hpp"

namespace towld {

class HttpSlot final : public HttpHandler, public std::enable_shared_from_this<HttpSlot> {
 public:
  /// `when_empty` is what clients are told while nobody is there: with 404, or with 503 where somebody was.
  HttpSlot(std::shared_ptr<HttpLoop> loop, std::string when_empty)
      : loop_(std::move(loop)), when_empty_(std::move(when_empty)) {}

  /// False where another handler is there.
  bool take(std::shared_ptr<HttpHandler> handler);

  /// Requests that the handler has are still answered by it.
  void leave();

  const std::shared_ptr<HttpLoop>& loop() const { return loop_; }

  bool has_room() override { return !handler_ || handler_->has_room(); }
  void on_room(std::function<void()> listener) override;
  void handle(HttpRequest& request, HttpResponder respond) override;

 private:
  void set(std::shared_ptr<HttpHandler> handler);

  std::shared_ptr<HttpLoop> loop_;
  const std::string when_empty_;
  std::atomic<bool> taken_ = false;
  bool was_taken_ = false;
  std::shared_ptr<HttpHandler> handler_;
  std::function<void()> room_listener_;
};

}  // namespace towld
