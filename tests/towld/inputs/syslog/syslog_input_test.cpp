#include <algorithm>
#include <fstream>

#include "inputs/stream/allow_list.hpp"
#include "inputs/stream/listen_address.hpp"
#include "towl/memory_file_layer.hpp"
#include "towld/inputs/syslog/syslog_fixture.hpp"

namespace towld {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using towl::test::eventually;

using SyslogInputTest = SyslogFixture;

TEST(ListenAddress, IsReadStrictly) {
  EXPECT_EQ(parse_listen_address("udp://127.0.0.1:514")->port, "514");
  EXPECT_EQ(parse_listen_address("tls://[::1]:6514")->host, "::1");
  EXPECT_EQ(parse_listen_address("tcp://logs.example.org:0")->host, "logs.example.org");
  EXPECT_EQ(parse_listen_address("systemd")->transport, Transport::systemd);
  for (const char* wrong :
       {"", "udp", "udp://", "udp://127.0.0.1", "udp://:514", "udp://h:", "udp://h:65536", "udp://h:-1", "udp://h:1x",
        "http://h:1", "udp://::1:514", "udp://[::1:514", "udp://[]:1"}) {
    EXPECT_FALSE(parse_listen_address(wrong)) << wrong;
  }
}

TEST_F(SyslogInputTest, MessagesOfAConnectionAreStoredInTheirOrder) {
  start("tcp://127.0.0.1:0");
  SyslogClient client(port());
  std::string stream;
  std::vector<std::string> expected;
  for (int i = 0; i < 5000; ++i) {
    const std::string text = "message " + std::to_string(i);
    const std::string message = "<34>1 2026-11-21T09:58:00Z web-1 app " + std::to_string(i) + " - - " + text;
    stream += i % 2 == 0 ? message + "\n" : std::to_string(message.size()) + " " + message;
    expected.push_back(text);
  }
  ASSERT_TRUE(client.send(stream));
  ASSERT_TRUE(is_stored(5000));
  EXPECT_EQ(texts(), expected);
  const auto first = stored().front();
  EXPECT_EQ(first["sender"], "web-1");
  EXPECT_EQ(first["PRIORITY"], "2");
  EXPECT_EQ(first["SYSLOG_PID"], "0");
  EXPECT_EQ(counters().bytes, stream.size());
  expect_all_counted();
}

TEST_F(SyslogInputTest, DatagramsAreMessages) {
  start("udp://127.0.0.1:0");
  SyslogClient client(port(), SOCK_DGRAM);
  ASSERT_TRUE(client.send_datagram("<13>Nov 21 09:58:00 db-1 app: one\n"));
  ASSERT_TRUE(client.send_datagram("<13>app: two\nlines"));
  ASSERT_TRUE(client.send_datagram(""));
  ASSERT_TRUE(client.send_datagram("three"));
  ASSERT_TRUE(is_stored(3));
  EXPECT_THAT(texts(), ElementsAre("one", "two\nlines", "three"));
  EXPECT_EQ(stored()[0]["sender"], "db-1");
  EXPECT_EQ(stored()[1]["sender"], "127.0.0.1");
  EXPECT_EQ(stored()[2]["TOWL_UNPARSED"], "syslog");
  EXPECT_EQ(counters().parse_failures, 1u);
}

TEST_F(SyslogInputTest, AListenerOfIpv6TakesIpv4AsIpv4) {
  start("tcp://[::]:0");
  EXPECT_THAT(input_->addresses().front(), HasSubstr("tcp://[::]:"));
  SyslogClient client(port());
  ASSERT_TRUE(client.send("<13>app: x\n"));
  ASSERT_TRUE(is_stored(1));
  EXPECT_EQ(stored()[0]["sender"], "127.0.0.1");
}

TEST_F(SyslogInputTest, LabelsAndLevelsApply) {
  context_.labels = std::make_shared<const std::vector<Field>>(std::vector<Field>{{"site", "north", false}});
  context_.min_level = 4;
  start("tcp://127.0.0.1:0");
  SyslogClient client(port());
  ASSERT_TRUE(client.send("<12>app: warning\n<13>app: notice\n<11>app: error\n"));
  ASSERT_TRUE(is_stored(2));
  EXPECT_THAT(texts(), ElementsAre("warning", "error"));
  EXPECT_EQ(stored()[0]["site"], "north");
  EXPECT_EQ(counters().below_level, 1u);
  stop();
  expect_all_counted();
}

TEST_F(SyslogInputTest, WhatWasSentBeforeACloseIsStored) {
  start("tcp://127.0.0.1:0");
  {
    SyslogClient client(port());
    ASSERT_TRUE(client.send("<13>app: whole\n<13>app: without a newline"));
  }
  {
    SyslogClient client(port());
    ASSERT_TRUE(client.send("11 <13>app: ab100 <13>app: half"));
  }
  ASSERT_TRUE(is_stored(4));
  auto all = texts();
  std::sort(all.begin(), all.end());
  EXPECT_THAT(all, ElementsAre("ab", "half", "whole", "without a newline"));
  for (const auto& entry : stored()) {
    EXPECT_EQ(entry.contains("TOWL_ORIGINAL_BYTES"), entry["MESSAGE"] == "half");
  }
}

TEST_F(SyslogInputTest, StoppingTakesWhatHasArrived) {
  start("tcp://127.0.0.1:0");
  std::vector<std::unique_ptr<SyslogClient>> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(std::make_unique<SyslogClient>(port()));
  std::string many;
  for (int i = 0; i < 500; ++i) many += "<13>app: x\n";
  for (auto& client : clients) ASSERT_TRUE(client->send(many));
  stop();  // At once: most of it is in the kernel's buffers.
  EXPECT_EQ(counters().stored, 20u * 500);
  expect_all_counted();
}

TEST_F(SyslogInputTest, StoppingTakesDatagramsThatHaveArrived) {
  start("udp://127.0.0.1:0");
  SyslogClient client(port(), SOCK_DGRAM);
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(client.send_datagram("<13>app: x"));
  stop();
  EXPECT_EQ(counters().received, 200u);
  expect_all_counted();
}

TEST_F(SyslogInputTest, ABrokenCountClosesTheConnectionAndKeepsWhatIsThere) {
  start("tcp://127.0.0.1:0");
  for (const std::string broken : {"0 <13>app: x", "99999999999999999999 <13>app: x", "-1 <13>app: x"}) {
    const std::uint64_t before = counters().stored;
    SyslogClient client(port());
    ASSERT_TRUE(client.send("11 <13>app: ok" + broken));
    EXPECT_TRUE(client.is_closed());
    ASSERT_TRUE(is_stored(before + 2));
    EXPECT_EQ(texts().back(), broken);
    EXPECT_EQ(stored().back()["TOWL_UNPARSED"], "syslog");
  }
  EXPECT_EQ(count("broken_framing"), 3u);
  SyslogClient other(port());
  ASSERT_TRUE(other.send("<13>app: others are served\n"));
  EXPECT_TRUE(is_stored(7));
}

TEST_F(SyslogInputTest, LongMessagesAreCutWithTheirLength) {
  start("tcp://127.0.0.1:0");
  SyslogClient client(port());
  const std::string text(3'000'000, 'x');
  const std::string message = "<13>app: " + text;
  ASSERT_TRUE(client.send(message + "\n" + std::to_string(message.size()) + " " + message + "<13>app: short\n"));
  ASSERT_TRUE(is_stored(3));
  const auto all = stored();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(all[static_cast<std::size_t>(i)]["TOWL_ORIGINAL_BYTES"], std::to_string(message.size()));
    EXPECT_GT(all[static_cast<std::size_t>(i)]["MESSAGE"].get<std::string>().size(), 900'000u);
  }
  EXPECT_EQ(all[2]["MESSAGE"], "short");
  EXPECT_EQ(counters().cut, 2u);
}

TEST_F(SyslogInputTest, AnyBytesAreStored) {
  start("tcp://127.0.0.1:0");
  SyslogClient client(port());
  const std::string bytes("\1\xFF\xC3(\x1B[2J");
  ASSERT_TRUE(client.send("<13>app: " + bytes + "\n"));
  const std::string binary(1'000'000, '\xFF');
  ASSERT_TRUE(client.send("<13>app: " + binary + "\n"));
  ASSERT_TRUE(is_stored(2));
  const auto first = stored().front()["MESSAGE"];
  ASSERT_TRUE(first.is_array());
  std::string read;
  for (const auto& byte : first) read += static_cast<char>(byte.get<int>());
  EXPECT_EQ(read, bytes);
  EXPECT_EQ(stored()[1]["MESSAGE"].size(), 1'000'000u) << "it is no longer than it may be, as it came";
  EXPECT_FALSE(stored()[1].contains("TOWL_ORIGINAL_BYTES"));
}

TEST_F(SyslogInputTest, ThousandsOfIdleAndSlowConnectionsDoNotDisturbGoodOnes) {
  context_.max_entry_bytes = 4096;
  start("tcp://127.0.0.1:0");
  std::vector<std::unique_ptr<SyslogClient>> idle;
  for (int i = 0; i < 2000; ++i) {
    idle.push_back(std::make_unique<SyslogClient>(port()));
    if (i % 2 == 0) {
      ASSERT_TRUE(idle.back()->send("<"));
    }
  }
  ASSERT_TRUE(eventually([&] { return count("connections") == 2000; }));
  SyslogClient client(port());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client.send("<13>app: x\n"));
  EXPECT_TRUE(is_stored(100));
}

TEST_F(SyslogInputTest, AMessageThatNeverEndsEndsItsConnection) {
  start("tcp://127.0.0.1:0", {.unfinished = 0s});
  SyslogClient client(port());
  ASSERT_TRUE(client.send("<13>app: slow"));
  EXPECT_TRUE(client.is_closed());
  ASSERT_TRUE(is_stored(1));
  EXPECT_THAT(texts(), ElementsAre("slow"));
  EXPECT_EQ(count("evicted"), 1u);
}

TEST_F(SyslogInputTest, AClientThatNeverSendsAMessageIsClosed) {
  start("tcp://127.0.0.1:0", {.first_message = 0s});
  SyslogClient client(port());
  EXPECT_TRUE(client.is_closed());
}

TEST_F(SyslogInputTest, UnfinishedMessagesTogetherAreBounded) {
  start("tcp://127.0.0.1:0", {.held_bytes = 1'000'000});
  std::vector<std::unique_ptr<SyslogClient>> clients;
  const std::string piece(200'000, 'x');
  for (int i = 0; i < 10; ++i) {
    clients.push_back(std::make_unique<SyslogClient>(port()));
    ASSERT_TRUE(clients.back()->send(piece));
  }
  EXPECT_TRUE(eventually([&] { return counters().bytes == 10 * piece.size() && count("evicted") > 3; }));
  stop();
  // What was unfinished is there, as far as it came.
  EXPECT_EQ(counters().stored, 10u);
}

TEST_F(SyslogInputTest, TooManyConnectionsAreRefusedUntilOneIsIdle) {
  SyslogInputConfig config{.listen = "tcp://127.0.0.1:0", .max_connections = 2};
  start(config, {.replaceable = 1000s});
  SyslogClient first(port());
  SyslogClient second(port());
  ASSERT_TRUE(eventually([&] { return count("connections") == 2; }));
  SyslogClient third(port());
  EXPECT_TRUE(third.is_closed());
  EXPECT_EQ(count("refused"), 1u);
  ASSERT_TRUE(first.send("<13>app: x\n"));
  EXPECT_TRUE(is_stored(1));
}

TEST_F(SyslogInputTest, AnIdleConnectionMakesRoomForANewOne) {
  SyslogInputConfig config{.listen = "tcp://127.0.0.1:0", .max_connections = 2};
  start(config, {.replaceable = 0s});
  SyslogClient first(port());
  ASSERT_TRUE(eventually([&] { return count("connections") == 1; }));
  SyslogClient second(port());
  ASSERT_TRUE(eventually([&] { return count("connections") == 2; }));
  ASSERT_TRUE(second.send("<13>app: x\n"));
  ASSERT_TRUE(is_stored(1));
  SyslogClient third(port());
  EXPECT_TRUE(first.is_closed());
  ASSERT_TRUE(third.send("<13>app: y\n"));
  EXPECT_TRUE(is_stored(2));
}

// A full queue: clients wait, and lose nothing.
TEST_F(SyslogInputTest, ConnectionsAreNotReadWhileThereIsNoRoom) {
  start("tcp://127.0.0.1:0");
  block_writer();
  SyslogClient client(port());
  const std::string message = "<13>app: " + std::string(4000, 'x') + "\n";
  constexpr int kMessages = 16'000;  // 64 MB
  std::jthread sender([&] {
    for (int i = 0; i < kMessages; ++i) {
      if (!client.send(message)) break;
    }
  });
  ASSERT_TRUE(eventually([&] { return ingest_->queued_bytes() >= kMaxQueuedBytes; }));
  EXPECT_LT(ingest_->queued_bytes(), kMaxQueuedBytes + (1 << 20));
  release_writer();
  EXPECT_TRUE(is_stored(kMessages));
  sender.join();
  expect_all_counted();
}

TEST_F(SyslogInputTest, DatagramsThatDoNotFitAreCounted) {
  start("udp://127.0.0.1:0");
  block_writer();
  SyslogClient client(port(), SOCK_DGRAM);
  const std::string message = "<13>app: " + std::string(60'000, 'x');
  // The queue and the kernel's buffer, twice.
  const std::uint64_t enough = 2 * (kMaxQueuedBytes + count("receive_buffer_bytes"));
  std::uint64_t sent = 0;
  while (sent * message.size() < enough) sent += client.send_datagram(message) ? 1 : 0;
  EXPECT_TRUE(eventually([&] { return counters().overflowed > 0; }));
  release_writer();
  EXPECT_TRUE(eventually([&] { return counters().stored + counters().dropped == sent; }))
      << counters().stored << " stored, " << counters().dropped << " dropped, " << sent << " sent";
  stop();
  expect_all_counted();
  EXPECT_EQ(counters().received, sent);
}

// A full disk: clients wait, and what was read is stored once there is room again, in its order and once.
TEST_F(SyslogInputTest, AFullDiskLosesNothingOfConnections) {
  towl::MemoryFileLayer& disk = disk_;
  start(SyslogInputConfig{.listen = "tcp://127.0.0.1:0"}, {}, &disk);
  SyslogClient client(port());
  ASSERT_TRUE(client.send("<13>app: 0\n"));
  ASSERT_TRUE(is_stored(1));
  disk.set_capacity(0);
  std::vector<std::string> expected = {"0"};
  for (int i = 1; i < 2000; ++i) {
    expected.push_back(std::to_string(i));
    ASSERT_TRUE(client.send("<13>app: " + expected.back() + "\n"));
  }
  // All was read until it failed, and one batch is tried again and again.
  std::uint64_t operations = disk.operations();
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(eventually([&] { return disk.operations() > operations; }));
    operations = disk.operations();
  }
  EXPECT_EQ(counters().stored, 1u);
  EXPECT_EQ(counters().rejected, 0u);
  disk.set_capacity(~std::uint64_t{0});
  ASSERT_TRUE(is_stored(2000)) << counters().stored << " stored of " << counters().bytes << " bytes; "
                               << count("connections") << " connections";
  stop();  // Before the disk is gone.
  std::vector<std::string> found;
  for (const auto& entry : towl::test::read_all(towl::Store::open(folder_ / "store", &disk).value())) {
    found.push_back(nlohmann::json::parse(entry.log_entry)["MESSAGE"]);
  }
  EXPECT_EQ(found, expected);
  expect_all_counted();
}

TEST_F(SyslogInputTest, WhatCannotBeStoredInTheEndIsCounted) {
  towl::MemoryFileLayer& disk = disk_;
  start(SyslogInputConfig{.listen = "tcp://127.0.0.1:0"}, {}, &disk);
  SyslogClient client(port());
  ASSERT_TRUE(client.send("<13>app: 0\n"));
  ASSERT_TRUE(is_stored(1));
  disk.fail_at(disk.operations(), towl::ErrorCode::no_space, 1'000'000);
  ASSERT_TRUE(client.send("<13>app: 1\n<13>app: 2\n"));
  ASSERT_TRUE(eventually([&] { return counters().bytes == 33; }));
  input_->stop();
  static_cast<void>(ingest_->stop());
  EXPECT_EQ(counters().stored, 1u);
  EXPECT_EQ(counters().rejected, 2u);
  expect_all_counted();
}

TEST_F(SyslogInputTest, AnAddressThatIsTakenIsAClearError) {
  start("tcp://127.0.0.1:0");
  const auto second = SyslogInput::start({.listen = input_->addresses().front()}, context_);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().to_string(), HasSubstr(input_->addresses().front()));
  EXPECT_FALSE(SyslogInput::start({.listen = "tcp://127.0.0.1:0", .time_zone = "Nowhere/Land"}, context_));
  EXPECT_FALSE(SyslogInput::start({.listen = "tcp://no-such-host.invalid:0"}, context_));
  EXPECT_FALSE(SyslogInput::start({.listen = "tls://127.0.0.1:0"}, context_));
  const auto unpassed = SyslogInput::start({.listen = "systemd"}, context_);
  ASSERT_FALSE(unpassed);
  EXPECT_THAT(unpassed.error().message, HasSubstr("towld-syslog.socket"));
}

TEST_F(SyslogInputTest, MessagesFromElsewhereAreNotTaken) {
  for (const std::string transport : {"tcp", "udp"}) {
    for (const bool allowed : {true, false}) {
      SCOPED_TRACE(transport + (allowed ? " allowed" : " not allowed"));
      SyslogInputConfig config{.listen = transport + "://127.0.0.1:0"};
      config.allow = {"10.0.0.0/8", allowed ? "127.0.0.0/8" : "127.0.0.2", "::1"};
      start(config);
      const auto before = counters().stored.load();
      SyslogClient client(port(), transport == "tcp" ? SOCK_STREAM : SOCK_DGRAM);
      EXPECT_TRUE(client.send("<13>app: x\n"));
      const char* count_of = transport == "tcp" ? "not_allowed" : "datagrams_not_allowed";
      if (allowed) {
        EXPECT_TRUE(is_stored(before + 1));
        EXPECT_EQ(count(count_of), 0u);
      } else {
        EXPECT_TRUE(eventually([&] { return count(count_of) == 1; }));
        EXPECT_EQ(counters().stored, before);
      }
      stop();
    }
  }
}

TEST(AllowList, IsOfNetworksAndAddresses) {
  const auto allows = [](const AllowList& list, const char* host) {
    sockaddr_storage address{};
    auto* v4 = reinterpret_cast<sockaddr_in*>(&address);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&address);
    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
      address.ss_family = AF_INET;
    } else {
      EXPECT_EQ(inet_pton(AF_INET6, host, &v6->sin6_addr), 1) << host;
      address.ss_family = AF_INET6;
    }
    return list.allows(address);
  };
  const auto list = AllowList::parse({"10.0.0.0/8", "192.0.2.128/25", "198.51.100.7", "fd00::/9", "::1"});
  ASSERT_TRUE(list) << list.error().to_string();
  for (const char* host : {"10.0.0.0", "10.255.255.255", "192.0.2.128", "192.0.2.255", "198.51.100.7", "fd00::1",
                           "fd7f:ffff::", "::1", "::ffff:10.1.2.3"}) {
    EXPECT_TRUE(allows(*list, host)) << host;
  }
  for (const char* host : {"9.255.255.255", "11.0.0.0", "192.0.2.127", "198.51.100.8", "fd80::", "::2",
                           "::", "::ffff:11.0.0.0", "::10.1.2.3"}) {
    EXPECT_FALSE(allows(*list, host)) << host;
  }
  EXPECT_TRUE(allows(AllowList(), "203.0.113.1"));
  const auto all = AllowList::parse(std::vector<std::string>{"0.0.0.0/0"});
  EXPECT_TRUE(allows(*all, "203.0.113.1"));
  EXPECT_FALSE(allows(*all, "fd00::1"));
}

}  // namespace
}  // namespace towld
