// SIGHUP: changes in the configuration are applied while everything else goes on; a bad one changes nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "support/collector.hpp"
#include "support/stores.hpp"

namespace towl::test {
namespace {

using testing::HasSubstr;

class ReloadTest : public testing::Test {
 protected:
  void configure(const std::string& inputs) { std::ofstream(folder_ / "towld.yaml") << "inputs:\n" << inputs; }
  std::string input(const std::string& name) const {
    return "  - { name: " + name + ", type: file, include: [\"" + (folder_ / (name + ".log")).string() + "\"] }\n";
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / (name + ".log"), std::ios::app) << text << '\n';
  }
  void start() {
    collector_.emplace(folder_ / "store", std::vector<std::string>{"--config", (folder_ / "towld.yaml").string()});
  }
  /// Sends SIGHUP and waits until the log has `mark` once more.
  void reload(const std::string& mark) {
    const auto said = [&] {
      std::size_t count = 0;
      const std::string log = collector_->process().err();
      for (auto at = log.find(mark); at != std::string::npos; at = log.find(mark, at + 1)) ++count;
      return count;
    };
    const std::size_t before = said();
    collector_->process().signal(SIGHUP);
    ASSERT_TRUE(eventually([&] { return said() > before; })) << collector_->process().err();
  }
  bool stores(std::uint64_t count) {
    return eventually([&] { return stats(collector_->stub()).entries_stored() == count; });
  }

  TempFolder folder_;
  std::optional<Collector> collector_;
};

TEST_F(ReloadTest, AddsAndRemovesInputsWithoutLosingALine) {
  configure(input("a"));
  write("a", "a1");
  write("b", "b1");
  start();
  ASSERT_TRUE(stores(1));
  // A connection from before.
  grpc::ClientContext context;
  const auto stream = collector_->stub().Append(&context);
  ASSERT_TRUE(stream->Write(make_request({numbered_entry(0)})));
  configure(input("a") + input("b"));
  reload("the configuration was read again");
  write("a", "a2");
  ASSERT_TRUE(stores(4));
  configure(input("b"));
  reload("input a: stopped");
  write("a", "a3");
  write("b", "b2");
  ASSERT_TRUE(stores(5));
  // It comes back, and goes on where it was.
  configure(input("a") + input("b"));
  reload("input a: file started");
  ASSERT_TRUE(stores(6));
  ASSERT_TRUE(stream->Write(make_request({numbered_entry(1)})));
  stream->WritesDone();
  std::size_t answers = 0;
  for (towl::v1::AppendResponse response; stream->Read(&response);) ++answers;
  EXPECT_EQ(answers, 2u);
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(collector_->stop(), 0);
  std::vector<std::string> lines;
  for (const Entry& entry : read_all(*Store::open(folder_ / "store"))) {
    if (entry.log_entry.size() == 2) lines.push_back(entry.log_entry);
  }
  EXPECT_THAT(lines, testing::UnorderedElementsAre("a1", "a2", "a3", "b1", "b2"));
}

TEST_F(ReloadTest, ABadConfigurationChangesNothing) {
  configure(input("a"));
  start();
  for (const char* bad : {"  - { type: fle }\n", "  - { type: syslog, listen: \"udp://0.0.0.0:0\" }\n",
                          "  - { type: stdin, parsers: [{ type: regex, pattern: '(' }] }\n"}) {
    configure(bad);
    reload("the configuration is as before");
  }
  write("a", "a1");
  EXPECT_TRUE(stores(1));
  EXPECT_EQ(collector_->stop(), 0);
}

TEST_F(ReloadTest, WhatCannotStartIsRefusedBeforehand) {
  const auto check = [&](const std::string& yaml) {
    std::ofstream(folder_ / "towld.yaml") << yaml;
    return run({TOWLD_PROGRAM, "--config", folder_ / "towld.yaml", "--check-config"});
  };
  EXPECT_EQ(check("inputs: [{ type: http }]\n").code, 0);
  const auto old_format = check("store: { file_format: v1 }\ninputs: [{ type: file, include: [/x] }]\n");
  EXPECT_EQ(old_format.code, 2);
  EXPECT_THAT(old_format.err, HasSubstr("store.file_format"));
  EXPECT_EQ(check("store: { file_format: v1 }\noutputs: [{ type: towl, remote: 'a:1' }]\n").code, 2);
  EXPECT_THAT(check("inputs: [{ type: syslog, listen: 'tcp://0.0.0.0:514' }]\n").err, HasSubstr("--insecure"));
  EXPECT_THAT(
      check("inputs:\n  - { type: file, include: [/x],\n      parsers: [{ type: regex, pattern: '(' }] }\n").err,
      HasSubstr("towld.yaml:3"));
}

}  // namespace
}  // namespace towl::test
