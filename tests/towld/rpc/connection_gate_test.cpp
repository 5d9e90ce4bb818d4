// The gate of gRPC's connections, with a receiver that only keeps them.
#include "rpc/connection_gate.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "access/peer_group.hpp"
#include "support/process.hpp"

namespace towld {
namespace {

using testing::HasSubstr;
using towl::test::eventually;

/// Keeps what it is handed over.
struct Kept {
  std::mutex mutex;
  std::vector<int> connections;

  ~Kept() { close_all(); }
  std::size_t count() {
    std::lock_guard lock(mutex);
    return connections.size();
  }
  void close_all() {
    std::lock_guard lock(mutex);
    for (const int fd : connections) ::close(fd);
    connections.clear();
  }
};

class Keeper final : public ConnectionGate::Acceptor {
 public:
  explicit Keeper(Kept& kept) : kept_(kept) {}
  void HandleNewConnection(NewConnectionParameters* connection) override {
    std::lock_guard lock(kept_.mutex);
    kept_.connections.push_back(connection->fd);
  }

 private:
  Kept& kept_;
};

/// One end of a connection from `source`.
class Client {
 public:
  explicit Client(int port, const char* source = "127.0.0.1") : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in from{};
    from.sin_family = AF_INET;
    inet_pton(AF_INET, source, &from.sin_addr);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&from), sizeof from), 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  }
  Client(Client&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Client& operator=(Client&&) = delete;
  ~Client() {
    if (fd_ >= 0) ::close(fd_);
  }

  /// The other side closes it.
  bool is_closed() const {
    pollfd ready{fd_, POLLIN, 0};
    char byte = 0;
    return ::poll(&ready, 1, 10'000) == 1 && ::recv(fd_, &byte, 1, 0) <= 0;
  }

 private:
  int fd_;
};

class Gate : public testing::Test {
 protected:
  void start(const ConnectionLimits& limits) {
    auto gate = ConnectionGate::listen("127.0.0.1", "0", limits, reached_, [this](const std::string& what) {
      std::lock_guard lock(kept_.mutex);
      said_ += what;
    });
    ASSERT_TRUE(gate) << gate.error().to_string();
    gate_ = std::move(*gate);
    gate_->start(std::make_unique<Keeper>(kept_));
  }
  std::string said() {
    std::lock_guard lock(kept_.mutex);
    return said_;
  }

  Kept kept_;
  std::string said_;
  std::shared_ptr<LimitCounts> reached_ = std::make_shared<LimitCounts>();
  std::unique_ptr<ConnectionGate> gate_;
};

TEST_F(Gate, OnePeerHasItsShareAndOthersTheRest) {
  start({.all = 4, .of_peer = 3});
  std::vector<Client> mine;
  for (int i = 0; i < 3; ++i) mine.emplace_back(gate_->port(), "127.0.0.2");
  EXPECT_TRUE(Client(gate_->port(), "127.0.0.2").is_closed());
  EXPECT_EQ((*reached_)[Limit::peer_percent], 1u);
  const Client another(gate_->port(), "127.0.0.3");
  EXPECT_TRUE(eventually([&] { return kept_.count() == 4; }));
  EXPECT_TRUE(Client(gate_->port(), "127.0.0.4").is_closed());
  EXPECT_EQ((*reached_)[Limit::grpc_connections], 1u);
  EXPECT_EQ(gate_->counters().accepted, 6u);
  EXPECT_EQ(gate_->counters().refused, 2u);
  EXPECT_EQ(gate_->open(), 4u);
  EXPECT_THAT(said(), HasSubstr("too many of 127.0.0.2"));
}

TEST_F(Gate, WhatHasEndedMakesRoom) {
  start({.all = 2, .of_peer = 2});
  const std::vector<Client> first = [&] {
    std::vector<Client> clients;
    for (int i = 0; i < 2; ++i) clients.emplace_back(gate_->port());
    return clients;
  }();
  ASSERT_TRUE(eventually([&] { return kept_.count() == 2; }));
  kept_.close_all();
  // The descriptors may well be those of other files by now.
  const int taken = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_TRUE(eventually([&] {
    const Client next(gate_->port());
    return eventually([&] { return kept_.count() > 0; }, std::chrono::milliseconds(300));
  }));
  ::close(taken);
}

// gRPC itself would never accept again.
TEST_F(Gate, GoesOnAfterAllDescriptorsWereInUse) {
  start({});
  const Client before(gate_->port());
  ASSERT_TRUE(eventually([&] { return kept_.count() == 1; }));
  std::vector<Client> waiting;
  for (int i = 0; i < 3; ++i) {
    // Made before the descriptors are short: those of the other side are.
    if (i == 0) {
      rlimit limit{};
      ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
      const int probe = ::dup(0);
      ::close(probe);
      const rlimit tight{static_cast<rlim_t>(probe) + 1, limit.rlim_max};
      ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
      waiting.emplace_back(gate_->port());  // Takes the last one.
      EXPECT_TRUE(eventually([&] { return said().find("cannot take gRPC connections") != std::string::npos; }));
      EXPECT_EQ(kept_.count(), 1u);
      ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    } else {
      waiting.emplace_back(gate_->port());
    }
  }
  EXPECT_TRUE(eventually([&] { return kept_.count() == 4; }));
}

// A client that came after the end would wait for an answer in the listener's queue.
TEST_F(Gate, WhoComesAfterTheEndIsRefused) {
  start({});
  const int port = gate_->port();
  gate_->stop();
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to), -1);
  EXPECT_EQ(errno, ECONNREFUSED);
  ::close(fd);
}

TEST(PeerGroup, IsAnAddressOrTheNetworkOfOneHost) {
  const auto expect = [](const char* address, const char* group) { EXPECT_EQ(peer_group(address), group) << address; };
  expect("192.0.2.7", "192.0.2.7");
  expect("::ffff:192.0.2.7", "192.0.2.7");
  expect("::1", "::1");
  expect("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64");
  expect("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64");
  expect("fe80::1%eth0", "fe80::/64");
  expect("localhost", "localhost");
  expect("", "");
}

}  // namespace
}  // namespace towld
