#include "http/http_loop.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <latch>

namespace towld {

std::shared_ptr<HttpLoop> HttpLoop::start() {
  auto loop = std::make_shared<HttpLoop>();
  // One thread runs it; others only post.
  loop->context_ = std::make_unique<boost::asio::io_context>(1);
  std::latch started(1);
  loop->thread_ = std::jthread([self = loop.get(), &started] {
    self->id_ = std::this_thread::get_id();
    const auto guard = boost::asio::make_work_guard(*self->context_);
    started.count_down();
    self->context_->run();
  });
  started.wait();
  return loop;
}

void HttpLoop::post(std::function<void()> work) {
  std::lock_guard lock(mutex_);
  if (context_) boost::asio::post(*context_, std::move(work));
}

void HttpLoop::stop() {
  if (!thread_.joinable()) return;
  context_->stop();
  thread_.join();
  std::unique_ptr<boost::asio::io_context> ended;
  {
    std::lock_guard lock(mutex_);
    // Destroyed outside the lock: what waited may post as it goes.
    ended = std::move(context_);
  }
}

}  // namespace towld
