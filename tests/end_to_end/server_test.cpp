// towlctl --server: a collector's entries without a mirror, printed as those of a folder are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "support/collector.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"

namespace towl::test {
namespace {

using testing::HasSubstr;
using Words = std::vector<std::string>;

class Server : public testing::Test {
 protected:
  void start(const std::string& more = "") {
    std::ofstream(folder_ / "towld.yaml") << "store: { partition: { max_entries: 300 } }\n" << more << "\n";
    collector_.reset();
    collector_ = std::make_unique<Collector>(folder_ / "store", Words{"--config", folder_ / "towld.yaml"});
  }

  void store(const std::vector<Entry>& entries) {
    ASSERT_TRUE(append(collector_->stub(), {make_request(entries)}).status.ok());
  }

  /// Texts and journal entries, `count` of them.
  static std::vector<Entry> some_entries(std::uint64_t first, std::uint64_t count) {
    std::vector<Entry> entries;
    for (std::uint64_t i = first; i < first + count; ++i) {
      const bool journal = i % 4 == 0;
      entries.emplace_back(
          "host-" + std::to_string(i % 3), 1'768'660'200'000'000'000 + static_cast<Timestamp>(i) * 1'000'000'000,
          journal ? LogFormat::journal_json : LogFormat::text,
          journal ? R"({"MESSAGE":"disk )" + std::to_string(i) + R"( full","PRIORITY":")" + std::to_string(i % 8) +
                        R"(","_SYSTEMD_UNIT":"ssh.service","n":)" + std::to_string(i % 10) + "}"
                  : "entry " + std::to_string(i) + (i % 7 == 0 ? " error\twith caf\u00e9" : " fine"));
    }
    return entries;
  }

  Words command(const Words& arguments) const {
    Words words = {TOWLCTL_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return words;
  }
  std::map<std::string, std::string> environment() const {
    return {{"TOWL_STORE", (folder_ / "nothing").string()}, {"TZ", "UTC"}, {"TOWL_CONFIG", "none.yaml"}};
  }
  ProcessResult towlctl(const Words& arguments) const {
    return run(command(arguments), {.environment = environment()});
  }

  ProcessResult from_server(Words arguments) const {
    arguments.insert(arguments.end(), {"--server", collector_->address()});
    return towlctl(arguments);
  }
  ProcessResult from_store(Words arguments) const {
    arguments.insert(arguments.end(), {"--store", (folder_ / "store").string()});
    return towlctl(arguments);
  }

  void expect_same(const Words& arguments) const {
    SCOPED_TRACE(testing::PrintToString(arguments));
    const ProcessResult here = from_store(arguments);
    const ProcessResult there = from_server(arguments);
    EXPECT_EQ(there.out, here.out) << there.err;
    EXPECT_EQ(there.code, here.code) << there.err;
  }

  TempFolder folder_;
  std::unique_ptr<Collector> collector_;
};

TEST_F(Server, PrintsWhatTheStoreWouldPrint) {
  start();
  store(some_entries(0, 1000));
  for (const Words& words : std::vector<Words>{
           {"cat"},
           {"cat", "2"},
           {"cat", "3:250-"},
           {"cat", "3:10-12", "1:5"},
           {"cat", "-r", "-n", "5"},
           {"cat", "-n", "7"},
           {"cat", "-o", "json"},
           {"cat", "-o", "verbose", "-n", "3"},
           {"cat", "-S", "2026-01-17 14:31", "-U", "2026-01-17 14:33"},
           {"cat", "-p", "err", "-u", "ssh"},
           {"cat", "--sender", "host-[12]", "n=4"},
           {"cat", "--title", "nothing"},
           {"grep", "error"},
           {"grep", "-c", "disk [0-9]+ full"},
           {"grep", "-i", "-w", "ERROR", "-n"},
           {"grep", "-o", "caf."},
           {"grep", "-v", "fine", "-m", "3"},
           {"grep", "-C", "2", "entry 50[0-9]"},
           {"grep", "-A", "1", "-B", "3", "-n", "disk 400"},
           {"grep", "--reverse", "-m", "4", "error"},
           {"grep", "nowhere"},
           {"grep", "-F", "a\nb"},
           {"query", "error sender:=host-1"},
           {"query", "error | offset 3 | limit 4"},
           {"query", "* | stats by (sender) count() as n, sum(n) s"},
           {"query", "disk | top 3 by (PRIORITY)", "-o", "json"},
           {"query", "* | sort by (_msg desc) limit 5 | fields _msg, _time", "-o", "csv"},
           {"query", "_ordinal:<3 | fields _msg, sender", "2"},
           {"show", "2:100", "-C", "3"},
           {"show", "2:9999"},
           {"stats", "--by", "level"},
           {"stats", "--every", "1m", "-p", "err"},
       }) {
    expect_same(words);
  }
  const std::string entry = from_server({"cat", "2:7", "-o", "json"}).out;
  const auto uuid = entry.find("\"file_uuid\":\"");
  ASSERT_NE(uuid, std::string::npos) << entry;
  expect_same({"show", "towl://" + entry.substr(uuid + 13, 32) + "/7"});
  // Files are called by their IDs.
  EXPECT_THAT(from_server({"grep", "-l", "disk 400"}).out, "2.towl\n");
  EXPECT_THAT(from_server({"grep", "-L", "disk"}).out, "");
  EXPECT_THAT(from_server({"grep", "-H", "disk 400 "}).out, "2.towl:" + from_store({"grep", "disk 400 "}).out);
}

TEST_F(Server, GeneratedExpressionsGiveTheSameEntries) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  start();
  store(some_entries(0, 700));
  const Words tests = {
      "error",          "\"disk 40\"*", "*isk*",       "i(ERROR)",     "~\"^entry 1.. \"", "level:>=err",
      "sender:=host-1", "n:>5",         "_file_id:=2", "_ordinal:<50", "_SYSTEMD_UNIT:*",  "zzz"};
  const Words patterns = {"disk", "entry 1[0-9]", "^disk", "full$", "\\<err", "[[:digit:]]{3}", "caf\u00e9", "a|e"};
  for (int round = 0; round < 30 && !HasFailure(); ++round) {
    const std::string a = tests[random() % tests.size()];
    const std::string b = tests[random() % tests.size()];
    expect_same({"query", random() % 2 == 0 ? a + " or " + b : "(" + a + ") !(" + b + ")", "-o", "json"});
    expect_same({"grep", random() % 2 == 0 ? "-i" : "-n", random() % 3 == 0 ? "-w" : "-E", "-e",
                 patterns[random() % patterns.size()]});
  }
}

TEST_F(Server, WhatCannotBeIsSaid) {
  start("query: { max_rows: 2 }");
  store(some_entries(0, 10));
  const auto fails = [&](const Words& words, const std::string& why) {
    const ProcessResult ran = from_server(words);
    EXPECT_EQ(ran.code, 2);
    EXPECT_THAT(ran.err, HasSubstr(why));
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
  };
  fails({"cat", "--store", "x"}, "--server and --store");
  fails({"cat", "/some/path"}, "only IDs");
  fails({"cat", "99"}, "no file 99");
  fails({"query", "a (b"}, "column");
  fails({"query", "* | fields _msg"}, "limit reached");
  fails({"query", "*", "--max-memory", "1MiB"}, "query.max_memory");
  const ProcessResult nobody = towlctl({"cat", "--server", "127.0.0.1:1"});
  EXPECT_EQ(nobody.code, 2);
  EXPECT_THAT(nobody.err, HasSubstr("cannot reach a collector"));
}

// The time for one answer is over again and again: the next one goes on, and all is printed once.
TEST_F(Server, AnAnswerThatEndsInTimeIsGoneOnWith) {
  start("query: { max_time: 1ms }");
  for (int i = 0; i < 5; ++i) store(some_entries(static_cast<std::uint64_t>(i) * 1000, 1000));
  expect_same({"cat"});
  expect_same({"grep", "-c", "e"});
}

TEST_F(Server, TailFollowsOverPartitionsAndARestart) {
  start();
  store(numbered_entries(0, 20));
  const std::string address = collector_->address();
  Process tail(command({"tail", "--server", address}), {.environment = environment()});
  std::string expected;
  for (std::uint64_t i = 10; i < 20; ++i) expected += numbered_text(i) + "\n";
  EXPECT_TRUE(eventually([&] { return tail.out() == expected; })) << tail.out() << tail.err();
  const auto add = [&](std::uint64_t first, std::uint64_t count) {
    store(numbered_entries(first, count));
    for (std::uint64_t i = first; i < first + count; ++i) expected += numbered_text(i) + "\n";
  };
  add(20, 500);
  EXPECT_TRUE(eventually([&] { return tail.out() == expected; })) << tail.err();
  EXPECT_EQ(collector_->stop(), 0);
  collector_.reset();
  Process again({TOWLD_PROGRAM, "--store", folder_ / "store", "--listen", address, "--http", "none", "--config",
                 folder_ / "towld.yaml"});
  ASSERT_TRUE(eventually([&] { return again.err().find("listening on") != std::string::npos; })) << again.err();
  const auto stub = v1::Towl::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  ASSERT_TRUE(append(*stub, {make_request(numbered_entries(520, 400))}).status.ok());
  for (std::uint64_t i = 520; i < 920; ++i) expected += numbered_text(i) + "\n";
  EXPECT_TRUE(eventually([&] { return tail.out() == expected; })) << tail.err();
}

}  // namespace
}  // namespace towl::test
