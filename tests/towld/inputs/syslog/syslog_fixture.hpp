// A syslog input with a store of its own, and clients to send to it.
#pragma once

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "ingest/ingest.hpp"
#include "inputs/stream/sockets.hpp"
#include "inputs/syslog/syslog_input.hpp"
#include "log/logger.hpp"
#include "support/process.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"

namespace towld {

/// A client's socket.
class SyslogClient {
 public:
  explicit SyslogClient(int port, int type = SOCK_STREAM) : socket_(::socket(AF_INET, type | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      ADD_FAILURE() << "cannot connect to port " << port;
    }
  }

  /// All of it; false where the peer is gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  bool send_datagram(std::string_view bytes) {
    return ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }

  /// Waits until the peer has closed.
  bool is_closed() {
    timeval patience{20, 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    char byte = 0;
    const ssize_t got = recv(socket_.get(), &byte, 1, 0);
    return got == 0 || (got < 0 && errno == ECONNRESET);
  }

  void close() { socket_ = Descriptor(); }
  int descriptor() const { return socket_.get(); }

 private:
  Descriptor socket_;
};

class SyslogFixture : public testing::Test {
 protected:
  SyslogFixture() {
    ::signal(SIGPIPE, SIG_IGN);  // As the program does.
    context_.name = "syslog";
    context_.sender = "this-machine";
    context_.durability = Durability::written;
    context_.log = make_logger({.level = LogLevel::error});
  }
  ~SyslogFixture() override { stop(); }

  /// `layer`: of the store.
  void start(SyslogInputConfig config, const StreamLimits& limits = {}, towl::FileLayer* layer = nullptr) {
    auto ingest = Ingest::start({.path = folder_ / "store"}, context_.log, {.layer = layer});
    ASSERT_TRUE(ingest) << ingest.error().to_string();
    ingest_ = std::move(*ingest);
    context_.ingest = ingest_.get();
    if (config.time_zone.empty()) config.time_zone = "UTC";
    auto input = SyslogInput::start(config, context_, limits);
    ASSERT_TRUE(input) << input.error().to_string();
    input_ = std::move(*input);
  }
  void start(const std::string& listen, const StreamLimits& limits = {}) {
    start(SyslogInputConfig{.listen = listen}, limits);
  }

  /// In the program's order.
  void stop() {
    if (input_) input_->stop();
    if (ingest_) {
      EXPECT_TRUE(ingest_->stop());
    }
  }

  int port() const {
    const std::string address = input_->addresses().front();
    return std::stoi(address.substr(address.rfind(':') + 1));
  }

  /// A count of the input's, by its name.
  std::uint64_t count(std::string_view name) const {
    for (const auto& [known, count] : input_->status().counts) {
      if (known == name) return count;
    }
    ADD_FAILURE() << "no " << name;
    return 0;
  }

  bool is_stored(std::uint64_t count) {
    return towl::test::eventually([&] { return counters().stored >= count; });
  }

  const InputCounters& counters() const { return *context_.counters; }

  void expect_all_counted() const {
    EXPECT_EQ(counters().received, counters().stored + counters().rejected + counters().dropped);
    const IngestCounters& all = ingest_->counters();
    EXPECT_EQ(all.received, all.stored + all.rejected + all.dropped);
    EXPECT_EQ(all.received, counters().received);
  }

  /// All that is stored, as the JSON objects that they are.
  std::vector<nlohmann::json> stored() const {
    std::vector<nlohmann::json> entries;
    for (const auto& entry : towl::test::read_all(ingest_->reader())) {
      entries.push_back(nlohmann::json::parse(entry.log_entry, nullptr, false));
      entries.back()["sender"] = entry.sender;
    }
    return entries;
  }

  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const auto& entry : stored()) {
      all.push_back(entry["MESSAGE"].is_string() ? entry["MESSAGE"].get<std::string>() : entry["MESSAGE"].dump());
    }
    return all;
  }

  /// Keeps the writer busy until release() or the end.
  void block_writer() {
    auto blocked = std::make_shared<std::shared_future<void>>(release_.get_future().share());
    ASSERT_TRUE(ingest_->run([blocked](towl::StoreWriter&) -> std::function<void()> {
      blocked->wait();
      return [] {};
    }));
  }
  void release_writer() { release_.set_value(); }

  towl::test::TempFolder folder_;
  InputContext context_;
  std::unique_ptr<Ingest> ingest_;
  std::unique_ptr<SyslogInput> input_;
  std::promise<void> release_;
};

}  // namespace towld
