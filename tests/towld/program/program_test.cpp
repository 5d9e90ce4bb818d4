// towld as a program: what it says, refuses, and does on signals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "support/collector.hpp"
#include "support/stores.hpp"

namespace towl::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

ProcessResult towld(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), TOWLD_PROGRAM);
  return run(arguments);
}

long lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

TEST(Towld, HelpAndVersion) {
  const auto help = towld({"--help"});
  EXPECT_EQ(help.code, 0);
  for (const char* flag : {"--config", "--store", "--listen", "--check-config", "--print-config", "TOWLD_STORE"}) {
    EXPECT_THAT(help.out, HasSubstr(flag));
  }
  EXPECT_EQ(towld({"--version"}).out, "towld 0.1.0\n");
}

TEST(Towld, AWrongFlagIsOneClearLine) {
  const auto wrong = towld({"--stroe", "x"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_EQ(lines(wrong.err), 1);
  EXPECT_THAT(wrong.err, HasSubstr("--stroe"));
  EXPECT_EQ(towld({"--durability", "maybe"}).code, 2);
}

// The printed configuration quotes what YAML would misread.
TEST(Towld, ArgumentsAreTakenAsTheyAreWritten) {
  for (const std::string argument : {"[error]", "[a,b]", "[]", "a,b", "%x", "{}", "++", "-x"}) {
    SCOPED_TRACE(argument);
    for (const auto& line : {std::vector<std::string>{"--store", argument}, {"--store=" + argument}}) {
      auto arguments = line;
      arguments.push_back("--print-config");
      const auto printed = towld(arguments);
      EXPECT_EQ(printed.code, 0) << printed.err;
      EXPECT_THAT(printed.out, HasSubstr(argument));
    }
    EXPECT_THAT(towld({"--log-level", argument}).err, HasSubstr("\"" + argument + "\" is not one of"));
  }
}

TEST(Towld, AnEmptyValueIsNotTheDefault) {
  for (const auto& line : {std::vector<std::string>{"--store", ""}, {"--store=", "--print-config"}}) {
    const auto wrong = towld(line);
    EXPECT_EQ(wrong.code, 2);
    EXPECT_EQ(lines(wrong.err), 1);
    EXPECT_THAT(wrong.err, HasSubstr("a value is missing"));
  }
}

TEST(Towld, AWrongConfigurationIsOneClearLine) {
  const TempFolder folder;
  std::ofstream(folder / "towld.yaml") << "store:\n  pth: x\n";
  const auto wrong = towld({"--check-config", "--config", folder / "towld.yaml"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_EQ(lines(wrong.err), 1);
  EXPECT_THAT(wrong.err, HasSubstr("towld.yaml:2: unknown key \"store.pth\": did you mean \"path\"?"));
  EXPECT_EQ(towld({"--config", folder / "missing.yaml"}).code, 2);
}

TEST(Towld, FlagsBeatTheEnvironmentWhichBeatsTheConfiguration) {
  const TempFolder folder;
  std::ofstream(folder / "towld.yaml") << "store: { path: /from/config }\nlog: { level: error, format: json }\n";
  const auto printed = run({TOWLD_PROGRAM, "--print-config", "--config", folder / "towld.yaml", "--log-level", "debug"},
                           {.environment = {{"TOWLD_STORE", "/from/environment"}, {"TOWLD_LOG_LEVEL", "warning"}}});
  EXPECT_EQ(printed.code, 0);
  EXPECT_THAT(printed.out, HasSubstr("/from/environment"));
  EXPECT_THAT(printed.out, HasSubstr("level: debug"));
  EXPECT_THAT(printed.out, HasSubstr("format: json"));
}

TEST(Towld, RunsWithNoConfigurationInTheFolderItIsIn) {
  const TempFolder folder;
  Process process({TOWLD_PROGRAM, "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"}, {.folder = folder.path()});
  EXPECT_TRUE(eventually([&] { return process.err().find("listening on") != std::string::npos; })) << process.err();
  EXPECT_TRUE(std::filesystem::is_directory(folder / "towl-data"));
  process.signal(SIGINT);
  EXPECT_EQ(process.wait(), 0);
}

TEST(Towld, ASecondWriterIsRefused) {
  const TempFolder folder;
  Collector first(folder.path());
  const auto second = towld({"--store", folder.path(), "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"});
  EXPECT_EQ(second.code, 2);
  EXPECT_EQ(lines(second.err), 1);
  EXPECT_THAT(second.err, HasSubstr("another process writes to the store"));
}

TEST(Towld, ATakenPortIsOneClearLine) {
  const TempFolder folder;
  Collector first(folder / "first");
  const auto second = towld({"--store", folder / "second", "--http", "127.0.0.1:0", "--listen", first.address()});
  EXPECT_EQ(second.code, 2);
  EXPECT_EQ(lines(second.err), 1) << second.err;
  EXPECT_THAT(second.err, HasSubstr("cannot listen on " + first.address()));
}

TEST(Towld, AnAddressThatOthersReachNeedsInsecure) {
  const TempFolder folder;
  const auto refused = towld({"--store", folder.path(), "--http", "127.0.0.1:0", "--listen", "0.0.0.0:0"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--insecure"));
  Process allowed(
      {TOWLD_PROGRAM, "--store", folder.path(), "--http", "127.0.0.1:0", "--listen", "0.0.0.0:0", "--insecure"});
  EXPECT_TRUE(eventually([&] { return allowed.err().find("listening on") != std::string::npos; }));
  EXPECT_THAT(allowed.err(), HasSubstr("warning"));
}

TEST(Towld, AFolderThatCannotBeWrittenIsOneClearLine) {
  const TempFolder folder;
  std::ofstream(folder / "file") << "x";
  const auto refused = towld({"--store", folder / "file", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_EQ(lines(refused.err), 1);
  EXPECT_THAT(refused.err, HasSubstr((folder / "file").string()));
}

TEST(Towld, TheLogIsJsonWhereAsked) {
  const TempFolder folder;
  Collector collector(folder / "a \"quoted\" folder", {"--log-format", "json"});
  EXPECT_THAT(collector.process().err(), HasSubstr(R"(a \"quoted\" folder)"));
  EXPECT_THAT(collector.process().err(), HasSubstr(R"("level":"info")"));
}

TEST(Towld, SighupDoesNotEndIt) {
  const TempFolder folder;
  Collector collector(folder.path());
  collector.process().signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return collector.process().err().find("SIGHUP") != std::string::npos; }));
  EXPECT_TRUE(append(collector.stub(), {make_request(numbered_entries(0, 1))}).status.ok());
}

// Nor does one that comes while it starts: it is seen to once all is ready.
TEST(Towld, SighupWhileItStartsDoesNotEndIt) {
  for (int i = 0; i < 3; ++i) {
    const TempFolder folder;
    Process towld({TOWLD_PROGRAM, "--store", folder / "store", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"});
    // It holds the store's lock from its beginning.
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(folder / "store/store.lock"); }));
    towld.signal(SIGHUP);
    EXPECT_TRUE(eventually([&] { return towld.err().find("SIGHUP: ") != std::string::npos; })) << towld.err();
    towld.signal(SIGTERM);
    EXPECT_EQ(towld.wait(), 0) << towld.err();
  }
}

TEST(Towld, SigtermUnderLoadLosesNothingAcknowledgedAndEndsInOrder) {
  const TempFolder folder;
  Collector collector(folder.path());
  std::atomic<std::uint64_t> acknowledged = 0;
  std::vector<std::jthread> producers;
  for (int i = 0; i < 4; ++i) {
    producers.emplace_back([&] {
      std::vector<v1::AppendRequest> requests(5000, make_request(numbered_entries(0, 10)));
      const Appended appended = append(collector.stub(), requests);
      acknowledged += appended.responses.size() * 10;
      // CANCELLED is what gRPC itself answers to a call that comes while it shuts down.
      EXPECT_THAT(appended.status.error_code(), AnyOf(grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::CANCELLED));
    });
  }
  v1::PullRequest follow;
  follow.set_file_id(1);
  follow.set_follow(true);
  ASSERT_TRUE(eventually([&] { return stats(collector.stub()).entries_stored() > 1000; }));
  std::jthread follower([&] { EXPECT_FALSE(pull(collector.stub(), follow).status.ok()); });
  ASSERT_TRUE(eventually([&] { return stats(collector.stub()).followers() == 1; }));
  EXPECT_EQ(collector.stop(), 0);
  producers.clear();
  follower.join();
  const auto store = Store::open(folder.path());
  // What was stored and could not be acknowledged any more may be there as well.
  EXPECT_GE(read_all(*store).size(), acknowledged);
  EXPECT_GT(acknowledged, 0u);
}

}  // namespace
}  // namespace towl::test
