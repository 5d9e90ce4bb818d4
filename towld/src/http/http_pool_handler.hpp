// HttpPoolHandler answers requests on a pool of threads: what reads the disk must not hold up other connections.
//
// Gone:    a request whose client is gone before its turn is not answered; `answer` sees HttpRequest::gone.
// Bounded: above `most` requests that wait or run, the rest is told to come again.
#pragma once

#include <utility>
// Boost.Asio after <utility>: g++ 12 needs it for coroutines.
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>

#include "http/http_message.hpp"

namespace towld {

class HttpPoolHandler final : public HttpHandler {
 public:
  /// `answer` is called on threads of `pool`, which must be joined before what `answer` uses is gone.
  /// `full` is called for each that is told so.
  HttpPoolHandler(boost::asio::thread_pool& pool, std::function<HttpResponse(const HttpRequest&)> answer,
                  std::size_t most = 16, std::function<void()> full = {});

  void handle(HttpRequest& request, HttpResponder respond) override;
  bool ends_with_client() const override { return true; }

 private:
  struct Shared;
  boost::asio::thread_pool& pool_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace towld
