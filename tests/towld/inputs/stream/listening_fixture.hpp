// For all tests of inputs that listen: a client's socket, and a store on the disk for the input's entries.
#pragma once

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <future>
#include <memory>
#include <string_view>
#include <vector>

#include "ingest/ingest.hpp"
#include "inputs/gatherer.hpp"
#include "inputs/stream/sockets.hpp"
#include "log/logger.hpp"
#include "support/process.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towl/memory_file_layer.hpp"

namespace towld {

class SocketClient {
 public:
  explicit SocketClient(int port, int type = SOCK_STREAM) : socket_(::socket(AF_INET, type | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      ADD_FAILURE() << "cannot connect to port " << port;
    }
    be_patient();
  }

  /// Sends all of it; false if the peer is gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

 protected:
  /// What is received is waited for.
  void be_patient() { wait_at_most({20, 0}); }
  void wait_at_most(timeval time) { setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time); }

  Descriptor socket_;
};

class ListeningFixture : public testing::Test {
 protected:
  ListeningFixture(const char* name, Durability durability) {
    ::signal(SIGPIPE, SIG_IGN);  // As the program does.
    context_.name = name;
    context_.sender = "this-machine";
    context_.durability = durability;
    context_.log = make_logger({.level = LogLevel::error});
  }

  /// `layer`: of the store; nullptr: the file system's.
  void start_ingest(towl::FileLayer* layer) {
    auto ingest = Ingest::start({.path = folder_ / "store"}, context_.log, {.layer = layer});
    ASSERT_TRUE(ingest) << ingest.error().to_string();
    ingest_ = std::move(*ingest);
    context_.ingest = ingest_.get();
  }

  /// In the program's order: once the input has stopped.
  void stop_ingest() {
    if (ingest_) {
      EXPECT_TRUE(ingest_->stop());
    }
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
  towl::MemoryFileLayer disk_;  // for a test that breaks it; it must outlive the store
  InputContext context_;
  std::unique_ptr<Ingest> ingest_;
  std::promise<void> release_;
};

}  // namespace towld
