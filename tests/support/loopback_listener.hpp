// LoopbackListener listens for the tests' servers: on a free port of 127.0.0.1, with a thread for each connection.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <list>
#include <string>
#include <thread>
#include <utility>

namespace towl::test {

class LoopbackListener {
 public:
  /// `serve` is called on a thread of its own with each connection's descriptor, which it closes.
  explicit LoopbackListener(std::function<void(int)> serve) : serve_(std::move(serve)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 64), 0);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { accept_all(); });
  }
  LoopbackListener(const LoopbackListener&) = delete;
  LoopbackListener& operator=(const LoopbackListener&) = delete;
  ~LoopbackListener() { stop(); }

  const std::string& address() const { return address_; }

  /// The functions that serve must end then.
  bool stopping() const { return stopping_; }
  void tell_to_stop() { stopping_ = true; }
  /// Also waits until all have ended.
  void stop() {
    tell_to_stop();
    if (!thread_.joinable()) return;
    thread_.join();
    ::close(listener_);
    for (auto& thread : threads_) thread.join();
  }

 private:
  void accept_all() {
    while (!stopping_) {
      pollfd polled = {listener_, POLLIN, 0};
      if (::poll(&polled, 1, 20) <= 0) continue;
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd >= 0) threads_.emplace_back([this, fd] { serve_(fd); });
    }
  }

  const std::function<void(int)> serve_;
  int listener_ = -1;
  std::string address_;
  std::atomic<bool> stopping_ = false;
  std::list<std::thread> threads_;
  std::thread thread_;
};

}  // namespace towl::test
