#include "http/http_pool_handler.hpp"

#include <atomic>
#include <boost/asio/post.hpp>

namespace towld {

struct HttpPoolHandler::Shared {
  std::function<HttpResponse(const HttpRequest&)> answer = {};
  std::size_t most = 0;
  std::function<void()> full = {};
  std::atomic<std::size_t> count = 0;
};

HttpPoolHandler::HttpPoolHandler(boost::asio::thread_pool& pool, std::function<HttpResponse(const HttpRequest&)> answer,
                                 std::size_t most, std::function<void()> full)
    : pool_(pool), shared_(std::make_shared<Shared>()) {
  shared_->answer = std::move(answer);
  shared_->most = most;
  shared_->full = std::move(full);
}

void HttpPoolHandler::handle(HttpRequest& request, HttpResponder respond) {
  if (shared_->count.fetch_add(1) >= shared_->most) {
    --shared_->count;
    if (shared_->full) shared_->full();
    return respond(http_busy("too many such requests at once; send again", 429));
  }
  // The rest stays with the session, which needs it for the answer and the next request.
  std::string body = std::move(request.body);
  auto copy = std::make_shared<HttpRequest>(request);
  copy->body = std::move(body);
  boost::asio::post(pool_, [shared = shared_, copy = std::move(copy), respond = std::move(respond)] {
    HttpResponse response =
        copy->gone.stop_requested() ? http_busy("nobody waits for the answer") : shared->answer(*copy);
    // Before the answer: a client that has it may ask again at once.
    --shared->count;
    respond(std::move(response));
  });
}

}  // namespace towld
