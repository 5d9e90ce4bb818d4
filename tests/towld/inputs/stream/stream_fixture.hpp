// An input of a protocol over TCP with a store of its own, and a client that sends bytes and reads answers.
#pragma once

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/ingest.hpp"
#include "inputs/stream/sockets.hpp"
#include "inputs/stream/stream_input.hpp"
#include "log/logger.hpp"
#include "support/process.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"

namespace towld {

class StreamClient {
 public:
  explicit StreamClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) ADD_FAILURE() << port;
    timeval patience{20, 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
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

  /// So many bytes, or those that came before the end.
  std::string receive(std::size_t bytes) {
    std::string all;
    while (all.size() < bytes) {
      std::string part(bytes - all.size(), '\0');
      const ssize_t got = recv(socket_.get(), part.data(), part.size(), 0);
      if (got <= 0) break;
      all += part.substr(0, static_cast<std::size_t>(got));
    }
    return all;
  }

  /// All until the peer closes.
  std::string rest() { return receive(std::size_t{1} << 20); }

  /// Whether nothing comes for a moment.
  bool is_silent() {
    timeval moment{0, 50'000};
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &moment, sizeof moment);
    char byte = 0;
    const bool silent = recv(socket_.get(), &byte, 1, MSG_PEEK) < 0;
    timeval patience{20, 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return silent;
  }

  void end_sending() { shutdown(socket_.get(), SHUT_WR); }

 private:
  Descriptor socket_;
};

class StreamFixture : public testing::Test {
 protected:
  StreamFixture() {
    ::signal(SIGPIPE, SIG_IGN);  // As the program does.
    context_.name = "input";
    context_.sender = "this-machine";
    context_.durability = Durability::synced;
    context_.log = make_logger({.level = LogLevel::error});
  }
  ~StreamFixture() override { stop(); }

  void start(MakeSession sessions, StreamInputConfig config = {.listen = "tcp://127.0.0.1:0"},
             const StreamLimits& limits = {}, towl::FileLayer* layer = nullptr) {
    auto ingest = Ingest::start({.path = folder_ / "store"}, context_.log, {.layer = layer});
    ASSERT_TRUE(ingest) << ingest.error().to_string();
    ingest_ = std::move(*ingest);
    context_.ingest = ingest_.get();
    auto input = StreamInput::start(config, context_, std::move(sessions), limits);
    ASSERT_TRUE(input) << input.error().to_string();
    input_ = std::move(*input);
  }

  void stop() {
    if (input_) input_->stop();
    if (ingest_) {
      EXPECT_TRUE(ingest_->stop());
    }
  }

  int port() const {
    const std::string address = input_->address();
    return std::stoi(address.substr(address.rfind(':') + 1));
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

  std::vector<towl::Entry> entries() const { return towl::test::read_all(ingest_->reader()); }

  /// "SENDER TEXT" of each.
  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const auto& entry : entries()) all.push_back(entry.sender + " " + entry.log_entry);
    return all;
  }

  /// Reasons of what was rejected, once all is stopped.
  std::vector<std::string> rejected() {
    stop();
    std::vector<std::string> reasons;
    const auto store = towl::Store::open(folder_ / "store/rejected");
    if (!store) return reasons;
    for (const auto& entry : towl::test::read_all(*store)) {
      reasons.push_back(nlohmann::json::parse(entry.log_entry, nullptr, false).value("TOWL_REJECTED", ""));
    }
    return reasons;
  }

  /// Keeps the writer busy, from now on, until release_writer().
  void block_writer() {
    const auto blocked = std::make_shared<std::shared_future<void>>(release_.get_future().share());
    const auto begun = std::make_shared<std::promise<void>>();
    ASSERT_TRUE(ingest_->run([blocked, begun](towl::StoreWriter&) -> std::function<void()> {
      begun->set_value();
      blocked->wait();
      return [] {};
    }));
    begun->get_future().wait();
  }
  void release_writer() { release_.set_value(); }

  towl::test::TempFolder folder_;
  InputContext context_;
  std::unique_ptr<Ingest> ingest_;
  std::unique_ptr<StreamInput> input_;
  std::promise<void> release_;
};

}  // namespace towld
