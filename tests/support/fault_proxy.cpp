#include "support/fault_proxy.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace towl::test {
namespace {

constexpr int kPollMs = 20;

sockaddr_in address_of(const std::string& host_port) {
  const auto colon = host_port.rfind(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(host_port.substr(colon + 1))));
  inet_pton(AF_INET, host_port.substr(0, colon).c_str(), &address.sin_addr);
  return address;
}

void reset(int socket) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace

// One connection: a thread that carries bytes both ways.
struct FaultProxy::Link {
  int client = -1;
  int server = -1;
  Fault fault = Fault::none;
  std::uint64_t bytes_left = 0;
  std::chrono::milliseconds delay{0};
  std::atomic<std::uint64_t>* forwarded = nullptr;
  std::atomic<bool> over = false;
  std::thread thread;

  ~Link() {
    over = true;
    if (thread.joinable()) thread.join();
    reset(client);
    reset(server);
    close(client);
    close(server);
  }

  // False: the connection is over.
  bool carry(int from, int to, bool limited) {
    std::array<char, 16384> bytes{};
    std::size_t most = bytes.size();
    if (limited && fault != Fault::none) most = static_cast<std::size_t>(std::min<std::uint64_t>(most, bytes_left));
    if (most == 0) return false;
    const ssize_t got = recv(from, bytes.data(), most, 0);
    if (got <= 0) return false;
    std::this_thread::sleep_for(delay);
    for (ssize_t sent = 0; sent < got;) {
      const ssize_t put = send(to, bytes.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
      if (put <= 0) return false;
      sent += put;
    }
    if (limited) {
      *forwarded += static_cast<std::uint64_t>(got);
      bytes_left -= std::min<std::uint64_t>(bytes_left, static_cast<std::uint64_t>(got));
    }
    return true;
  }

  void run() {
    while (!over) {
      std::array<pollfd, 2> polled = {pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
      if (poll(polled.data(), polled.size(), kPollMs) < 0) break;
      if (fault != Fault::none && bytes_left == 0) return break_down();
      if (polled[0].revents != 0 && !carry(client, server, true)) break;
      if (polled[1].revents != 0 && !carry(server, client, false)) break;
    }
    shutdown(client, SHUT_RDWR);
    shutdown(server, SHUT_RDWR);
  }

  void break_down() {
    if (fault == Fault::half_close) shutdown(server, SHUT_WR);
    if (fault != Fault::reset) {
      while (!over) usleep(1000 * kPollMs);
    }
    // As a close with unread or lingering data does.
    reset(client);
    reset(server);
    shutdown(client, SHUT_RDWR);
    shutdown(server, SHUT_RDWR);
  }
};

FaultProxy::FaultProxy(std::string target) : target_(std::move(target)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = address_of("127.0.0.1:0");
  socklen_t length = sizeof address;
  const bool listens = bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                       listen(listener_, 64) == 0 &&
                       getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  EXPECT_TRUE(listens);
  address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  thread_ = std::thread([this] { accept_all(); });
}

FaultProxy::~FaultProxy() {
  stopping_ = true;
  thread_.join();
  close(listener_);
  links_.clear();
}

void FaultProxy::set_target(std::string target) {
  std::lock_guard lock(mutex_);
  target_ = std::move(target);
}

void FaultProxy::set_fault(Fault fault, std::uint64_t bytes) {
  std::lock_guard lock(mutex_);
  fault_ = fault;
  fault_bytes_ = bytes;
}

void FaultProxy::set_delay(std::chrono::milliseconds delay) {
  std::lock_guard lock(mutex_);
  delay_ = delay;
}

void FaultProxy::cut() {
  std::lock_guard lock(mutex_);
  links_.clear();
}

void FaultProxy::accept_all() {
  while (!stopping_) {
    pollfd polled{listener_, POLLIN, 0};
    if (poll(&polled, 1, kPollMs) <= 0) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    std::lock_guard lock(mutex_);
    std::erase_if(links_, [](const auto& link) { return link->over.load(); });
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = address_of(target_);
    if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      reset(client);
      close(client);
      close(server);
      continue;
    }
    auto link = std::make_shared<Link>();
    link->client = client;
    link->server = server;
    link->fault = fault_;
    link->bytes_left = fault_bytes_;
    link->delay = delay_;
    link->forwarded = &forwarded_;
    link->thread = std::thread([&one = *link] { one.run(); });
    links_.push_back(std::move(link));
    ++connections_;
  }
}

}  // namespace towl::test
