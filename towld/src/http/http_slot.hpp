// HttpSlot is the handler of a path whose real handler comes and goes while the server runs, as inputs do when the
// configuration is read again.
//
// Threads: take(), leave() and expect_nobody() from any; the rest on the server's.
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
  /// `when_empty` is what clients are told while no handler is there: with 404, or with 503 if one was there or, as
  /// `expected` says, will be.
  HttpSlot(std::shared_ptr<HttpLoop> loop, std::string when_empty, bool expected = false)
      : loop_(std::move(loop)), when_empty_(std::move(when_empty)), expected_(expected) {}

  /// False if another handler is there.
  bool take(std::shared_ptr<HttpHandler> handler);

  /// If no handler is there now, none is expected any more.
  void expect_nobody();

  /// Requests that the handler has are still answered by it.
  void leave();

  const std::shared_ptr<HttpLoop>& loop() const { return loop_; }

  bool has_room() override { return !handler_ || handler_->has_room(); }
  void on_room(std::function<void()> listener) override;
  std::size_t part_bytes(const HttpRequest& request) override { return handler_ ? handler_->part_bytes(request) : 0; }
  void take_part(HttpRequest& request) override;
  void handle(HttpRequest& request, HttpResponder respond) override;

 private:
  void set(std::shared_ptr<HttpHandler> handler);

  std::shared_ptr<HttpLoop> loop_;
  const std::string when_empty_;
  std::atomic<bool> taken_ = false;
  bool expected_;
  std::shared_ptr<HttpHandler> handler_;
  std::function<void()> room_listener_;
};

}  // namespace towld
