// Collector and client as users run them: what goes in comes out of the mirror, whatever is killed in between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <regex>

#include "support/collector.hpp"
#include "support/fault_proxy.hpp"
#include "support/stores.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

long lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

class EndToEnd : public testing::Test {
 protected:
  /// Starts (again) a collector on the same store.
  void start(const std::string& partition = "{ max_entries: 1000 }") {
    std::ofstream(folder_ / "towld.yaml") << "store: { partition: " << partition << " }\n";
    collector_.reset();
    collector_ =
        std::make_unique<Collector>(folder_ / "store", std::vector<std::string>{"--config", folder_ / "towld.yaml"});
  }

  std::map<std::string, std::string> environment() const {
    return {{"TOWL_SERVER", collector_ ? collector_->address() : "127.0.0.1:1"},
            {"TOWL_STORE", (folder_ / "mirror").string()},
            {"TZ", "UTC"}};
  }

  std::vector<std::string> command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), TOWLCTL_PROGRAM);
    return arguments;
  }

  ProcessResult towlctl(const std::vector<std::string>& arguments, const std::string& input = "") const {
    return run(command(arguments), {.environment = environment(), .input = input});
  }

  json sync_json() const {
    const auto synced = towlctl({"sync", "--json"});
    EXPECT_EQ(synced.code, 0) << synced.err;
    return json::parse(synced.out, nullptr, false);
  }

  /// Text of `count` lines.
  static std::string lines_of(std::uint64_t first, std::uint64_t count) {
    std::string text;
    for (std::uint64_t i = first; i < first + count; ++i) text += numbered_text(i) + "\n";
    return text;
  }

  /// What the mirror prints.
  std::string mirrored() const {
    const auto printed = towlctl({"cat"});
    EXPECT_EQ(printed.code, 0) << printed.err;
    return printed.out;
  }

  /// Each file of the mirror has the store's header page and entries, and closed ones the same index. Not the same
  /// bytes: positions of sources stay at the collector, and frames that were not sealed are linked anew.
  void expect_identical() const {
    const auto there = Store::open(folder_ / "store");
    const auto here = Store::open(folder_ / "mirror");
    ASSERT_TRUE(there && here);
    const auto files = there->list();
    ASSERT_TRUE(files);
    const auto copies = here->list();
    ASSERT_TRUE(copies);
    ASSERT_EQ(copies->files.size(), files->files.size());
    for (std::size_t i = 0; i < files->files.size(); ++i) {
      const FileInfo& file = files->files[i];
      const FileInfo& mirror = copies->files[i];
      EXPECT_EQ(bytes_of(file.path).substr(0, 1024), bytes_of(mirror.path).substr(0, 1024)) << file.path;
      EXPECT_EQ(test::read_all(file.path), test::read_all(mirror.path));
      // The collector seals when it finds the time.
      if (file.index.sealed != mirror.index.sealed) continue;
      EXPECT_TRUE(!file.index.closed || file.index == mirror.index) << file.path;
    }
  }

  TempFolder folder_;
  std::unique_ptr<Collector> collector_;
};

TEST_F(EndToEnd, ACollectorFarAwayIsReached) {
  start();
  FaultProxy link(collector_->address());
  link.set_delay(std::chrono::milliseconds(300));
  const auto appended = towlctl({"append", "--server", link.address()}, "one\n");
  EXPECT_EQ(appended.code, 0) << appended.err;
  const auto synced = towlctl({"sync", "--server", link.address()});
  EXPECT_EQ(synced.code, 0) << synced.err;
  EXPECT_EQ(mirrored(), "one\n");
}

TEST_F(EndToEnd, WhatGoesInComesOutByteForByte) {
  start();
  std::string text = lines_of(0, 2500);
  text += "no UTF-8: \xff\xfe\x80, NUL: ";
  text += '\0';
  text += ", tab:\t, CR:\r\n\n  leading spaces\n" + std::string(100'000, 'x') + "\n";
  const auto appended = towlctl({"append"}, text);
  EXPECT_EQ(appended.code, 0) << appended.err;
  EXPECT_THAT(appended.err, HasSubstr("stored 2,504 entries in files 1-3 (synced)"));
  const auto synced = towlctl({"sync"});
  EXPECT_EQ(synced.code, 0);
  EXPECT_THAT(synced.err, HasSubstr("3 files, 2,504 new entries"));
  EXPECT_EQ(synced.out, "");
  EXPECT_EQ(mirrored(), text);
  expect_identical();
  EXPECT_EQ(towlctl({"verify"}).code, 0);
}

TEST_F(EndToEnd, TheSecondSyncReceivesJustTheNewEntries) {
  start();
  towlctl({"append"}, lines_of(0, 1500));
  sync_json();
  const auto size_before = fs::file_size(folder_ / "store/2.towl");
  towlctl({"append"}, lines_of(1500, 7));
  const json second = sync_json();
  EXPECT_EQ(second["new_entries"], 7);
  // The frames that repeat the header page are not sent.
  EXPECT_GT(second["bytes_received"], 0);
  EXPECT_LE(second["bytes_received"], fs::file_size(folder_ / "store/2.towl") - size_before);
  // The first file is complete; the collector may have sealed it meanwhile, which the mirror then does too.
  EXPECT_EQ(second["files"].get<int>() + second["skipped_files"].get<int>(), 2);
  const json third = sync_json();
  EXPECT_EQ(third["new_entries"], 0);
  EXPECT_EQ(third["bytes_received"], 0);
  EXPECT_EQ(mirrored(), lines_of(0, 1507));
}

TEST_F(EndToEnd, AKilledSyncIsCompletedByTheNext) {
  const char* set = std::getenv("TOWL_TEST_SEED");
  const auto seed = set != nullptr ? std::strtoull(set, nullptr, 10) : std::random_device{}();
  std::printf("TOWL_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  SCOPED_TRACE("TOWL_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  start("{ max_entries: 50000 }");
  std::string text;
  for (int round = 0; round < 20; ++round) {
    const std::string more = lines_of(static_cast<std::uint64_t>(round) * 20'000, 20'000);
    text += more;
    const auto appended = towlctl({"append"}, more);
    ASSERT_EQ(appended.code, 0) << appended.err;
    {
      Process sync(command({"sync"}), {.environment = environment()});
      std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution<int>(0, 60'000)(random)));
      sync.signal(SIGKILL);
      sync.wait();
    }
    if (round % 4 == 0) {
      sync_json();
      ASSERT_EQ(mirrored(), text) << "round " << round;
      expect_identical();
    }
  }
  sync_json();
  EXPECT_EQ(mirrored(), text);
  expect_identical();
  EXPECT_EQ(sync_json()["diverged"], 0);
}

TEST_F(EndToEnd, AKilledCollectorIsOneLineAndTheNextSyncCompletes) {
  start("{ max_entries: 100000 }");
  std::string text;
  for (std::uint64_t i = 0; i < 10; ++i) {
    const std::string more = lines_of(i * 50'000, 50'000);
    text += more;
    ASSERT_EQ(towlctl({"append"}, more).code, 0);
  }
  Process sync(command({"sync"}), {.environment = environment()});
  // Killed as soon as something has arrived.
  EXPECT_TRUE(eventually([&] { return fs::exists(folder_ / "mirror/1.towl"); }));
  collector_->process().signal(SIGKILL);
  const auto code = sync.wait();
  if (code != 0) {  // It may have been quicker.
    EXPECT_TRUE(code == 1 || code == 3) << *code;
    EXPECT_THAT(sync.err(), HasSubstr("failed"));
    EXPECT_LE(lines(sync.err()), 2) << sync.err();
  }
  start("{ max_entries: 100000 }");
  sync_json();
  EXPECT_EQ(mirrored(), text);
  expect_identical();
}

TEST_F(EndToEnd, FollowKeepsTheMirrorUpToDateOverPartitionsAndRestarts) {
  start("{ max_entries: 100 }");
  towlctl({"append"}, lines_of(0, 250));
  Collector* first = collector_.get();
  const std::string address = first->address();
  Process sync(command({"sync", "--follow"}), {.environment = environment()});
  const auto has = [&](std::uint64_t count) {
    return eventually([&] {
      const auto store = Store::open(folder_ / "mirror");
      if (!store) return false;
      std::uint64_t found = 0;
      const auto listing = store->list();
      if (!listing) return false;
      for (const FileInfo& file : listing->files) {
        auto reader = FileReader::open(file.path);
        if (reader) found += reader->skip_to_end()->ordinal;
      }
      return found == count;
    });
  };
  EXPECT_TRUE(has(250)) << sync.err();
  towlctl({"append"}, lines_of(250, 333));
  EXPECT_TRUE(has(583)) << sync.err();
  // The collector restarts on the same port.
  ASSERT_EQ(collector_->stop(), 0);
  collector_.reset();
  Process again({TOWLD_PROGRAM, "--store", folder_ / "store", "--listen", address, "--http", "127.0.0.1:0", "--config",
                 folder_ / "towld.yaml"});
  EXPECT_TRUE(eventually([&] { return again.err().find("listening") != std::string::npos; })) << again.err();
  auto variables = environment();
  variables["TOWL_SERVER"] = address;
  EXPECT_EQ(run(command({"append"}), {.environment = variables, .input = lines_of(583, 50)}).code, 0);
  EXPECT_TRUE(has(633)) << sync.err();
  sync.signal(SIGINT);
  EXPECT_EQ(sync.wait(), 130);
  EXPECT_EQ(mirrored(), lines_of(0, 633));
}

TEST_F(EndToEnd, TailShowsTheLastEntriesAndThoseThatArrive) {
  start();
  towlctl({"append"}, lines_of(0, 30));
  sync_json();
  Process tail(command({"tail", "-n", "3"}), {.environment = environment()});
  EXPECT_TRUE(eventually([&] { return tail.out() == lines_of(27, 3); })) << tail.out();
  towlctl({"append"}, lines_of(30, 2000));
  sync_json();
  EXPECT_TRUE(eventually([&] { return tail.out() == lines_of(27, 2003); })) << lines(tail.out());
}

TEST_F(EndToEnd, GrepsExitCodesAreGreps) {
  start();
  towlctl({"append"}, "one\ntwo\nthree two\n");
  sync_json();
  const auto found = towlctl({"grep", "two"});
  EXPECT_EQ(found.code, 0);
  EXPECT_EQ(found.out, "two\nthree two\n");
  EXPECT_EQ(towlctl({"grep", "four"}).code, 1);
  EXPECT_EQ(towlctl({"grep", "(four"}).code, 2);
  EXPECT_EQ(towlctl({"grep"}).code, 2);
  EXPECT_EQ(towlctl({"grep", "-q", "two"}).out, "");
  EXPECT_EQ(towlctl({"grep", "-q", "two"}).code, 0);
  EXPECT_EQ(towlctl({"grep", "-c", "two"}).out, "2\n");
  EXPECT_EQ(towlctl({"grep", "-vc", "two"}).out, "1\n");
  EXPECT_EQ(towlctl({"grep", "-x", "two"}).out, "two\n");
  EXPECT_EQ(towlctl({"grep", "-o", "-e", "t[a-z]", "-e", "^o"}).out, "o\ntw\nth\ntw\n");
  EXPECT_EQ(towlctl({"grep", "-n", "-m", "1", "two"}).out, "1:1:two\n");
  EXPECT_EQ(towlctl({"grep", "-n", "-C", "1", "one"}).out, "1:0:one\n1-1-two\n");
  EXPECT_EQ(towlctl({"grep", "--reverse", "two"}).out, "three two\ntwo\n");
  EXPECT_EQ(towlctl({"grep", "-l", "two"}).out, (folder_ / "mirror/1.towl").string() + "\n");
  EXPECT_EQ(towlctl({"grep", "two", "1"}).code, 0);
  EXPECT_EQ(towlctl({"grep", "two", "9"}).code, 2);
  const auto events = towlctl({"grep", "--json", "w"});
  EXPECT_EQ(lines(events.out), 5);
  EXPECT_THAT(events.out, HasSubstr(R"("submatches":[{"match":{"text":"w"},"start":1,"end":2}])"));
}

TEST_F(EndToEnd, VerifyAndRepairTellWhatIsDamaged) {
  start();
  towlctl({"append"}, lines_of(0, 10));
  sync_json();
  EXPECT_EQ(towlctl({"verify"}).code, 0);
  const auto path = folder_ / "mirror/1.towl";
  fs::resize_file(path, fs::file_size(path) - 15);
  const auto damaged = towlctl({"verify"});
  EXPECT_EQ(damaged.code, 1);
  EXPECT_THAT(damaged.out, HasSubstr("entries 0 to 9 are lost"));
  EXPECT_EQ(towlctl({"verify", folder_ / "towld.yaml"}).code, 2);
  // They were there before: they are lost, which repair says, and the next sync brings them back.
  const auto repaired = towlctl({"repair", "1"});
  EXPECT_EQ(repaired.code, 0) << repaired.err;
  EXPECT_THAT(repaired.out, HasSubstr("10 entries are lost"));
  EXPECT_TRUE(fs::exists(folder_ / "mirror/1.towl.damaged")) << repaired.out;
  EXPECT_EQ(towlctl({"verify"}).code, 0);
  EXPECT_EQ(mirrored(), "");
  const auto healed = towlctl({"sync"});
  EXPECT_EQ(healed.code, 0);
  EXPECT_THAT(healed.err, HasSubstr("file 1: entries that were lost are there again"));
  EXPECT_EQ(mirrored(), lines_of(0, 10));
  const auto refused = towlctl({"repair", folder_ / "store/1.towl"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("stop it first"));
}

// A frame that the collector cannot read any more is a gap in the mirror, which is healed when it can.
TEST_F(EndToEnd, DamageAtTheCollectorIsAGapUntilItIsHealed) {
  start("{ max_entries: 100000 }");
  for (int i = 0; i < 20; ++i) towlctl({"append"}, lines_of(static_cast<std::uint64_t>(i) * 100, 100));
  const auto path = folder_ / "store/1.towl";
  const auto flip = [&, at = fs::file_size(path) / 2] {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(static_cast<std::streamoff>(at));
    const int byte = file.get();
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(~byte));
  };
  flip();
  const auto cold = towlctl({"sync"});
  EXPECT_EQ(cold.code, 3) << cold.err;
  EXPECT_THAT(cold.err, HasSubstr("are lost at the collector"));
  EXPECT_THAT(cold.err, HasSubstr("100 entries lost"));
  EXPECT_EQ(lines(mirrored()), 1900);
  EXPECT_EQ(towlctl({"verify"}).code, 0);
  towlctl({"append"}, lines_of(2000, 100));
  const auto again = towlctl({"sync"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.err, testing::Not(HasSubstr("lost at"))) << "said once";
  EXPECT_EQ(lines(mirrored()), 2000);
  flip();
  const auto healed = towlctl({"sync"});
  EXPECT_EQ(healed.code, 0) << healed.err;
  EXPECT_THAT(healed.err, HasSubstr("entries that were lost are there again"));
  EXPECT_EQ(mirrored(), lines_of(0, 2100));
  EXPECT_EQ(towlctl({"verify"}).code, 0);
  EXPECT_THAT(towlctl({"sync"}).err, HasSubstr("1 file up to date"));
}

// What the store has lost, and a repair has given up, is taken from a mirror; and the other way round, over the
// network. Other mirrors are healed by their next sync.
TEST_F(EndToEnd, LostEntriesAreTakenFromAnotherCopy) {
  start("{ max_entries: 100000 }");
  for (int i = 0; i < 20; ++i) towlctl({"append"}, lines_of(static_cast<std::uint64_t>(i) * 100, 100));
  EXPECT_EQ(towlctl({"sync"}).code, 0);
  const auto damage = [](const fs::path& path) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(fs::file_size(path) / 2));
    file.put('~');
  };
  const std::string store = folder_ / "store";
  const std::string second = folder_ / "second";
  collector_.reset();
  damage(folder_ / "store/1.towl");
  EXPECT_THAT(towlctl({"repair", "--store", store, "1"}).out, HasSubstr("100 entries are lost"));
  start("{ max_entries: 100000 }");
  EXPECT_EQ(towlctl({"sync", "--store", second}).code, 3);
  EXPECT_EQ(lines(towlctl({"cat", "--store", second}).out), 1900);

  collector_.reset();
  const auto repaired = towlctl({"repair", "--store", store, "1", "--from", folder_ / "mirror"});
  EXPECT_EQ(repaired.code, 0) << repaired.err;
  EXPECT_THAT(repaired.out, HasSubstr("100 entries that were lost taken from the other copy"));
  EXPECT_EQ(towlctl({"verify", "--store", store}).code, 0);
  start("{ max_entries: 100000 }");
  const auto healed = towlctl({"sync", "--store", second});
  EXPECT_EQ(healed.code, 0) << healed.err;
  EXPECT_THAT(healed.err, HasSubstr("entries that were lost are there again"));
  EXPECT_EQ(towlctl({"cat", "--store", second}).out, lines_of(0, 2000));
  EXPECT_THAT(towlctl({"sync"}).err, HasSubstr("1 file up to date")) << "the first mirror had all of them";

  damage(folder_ / "mirror/1.towl");
  const auto fetched = towlctl({"repair", "1", "--from", collector_->address()});
  EXPECT_EQ(fetched.code, 0) << fetched.err;
  EXPECT_THAT(fetched.out, HasSubstr("100 entries that were lost taken from the other copy"));
  EXPECT_EQ(mirrored(), lines_of(0, 2000));
  EXPECT_FALSE(fs::exists(folder_ / "mirror/1.towl.from"));
  EXPECT_THAT(towlctl({"repair", "1", "--from", collector_->address()}).out, HasSubstr("nothing to repair"));
  EXPECT_EQ(towlctl({"repair", "1", "--from", folder_ / "nowhere"}).code, 2);
}

// A mirror that began with the open file becomes the sealed one, and pulls nothing twice; a fresh one receives the
// stored bytes of the sealed file and little more.
TEST_F(EndToEnd, AMirrorOfAnOpenFileBecomesTheSealedOne) {
  start("{ max_entries: 20000 }");
  towlctl({"append"}, lines_of(0, 12'345));
  EXPECT_EQ(sync_json()["new_entries"], 12'345);
  towlctl({"append"}, lines_of(12'345, 10'000));
  const auto sealed = [&](const char* folder) { return FileReader::open(folder_ / folder / "1.towl")->index().sealed; };
  ASSERT_TRUE(eventually([&] { return sealed("store"); }));
  EXPECT_EQ(sync_json()["new_entries"], 10'000);
  EXPECT_TRUE(sealed("mirror"));
  expect_identical();
  EXPECT_EQ(towlctl({"verify"}).code, 0);
  EXPECT_EQ(mirrored(), lines_of(0, 22'345));

  fs::remove_all(folder_ / "mirror");
  const auto fresh = sync_json();
  EXPECT_EQ(fresh["new_entries"], 22'345);
  const double stored =
      static_cast<double>(fs::file_size(folder_ / "store/1.towl") + fs::file_size(folder_ / "store/2.towl"));
  EXPECT_LE(fresh["bytes_received"].get<double>(), 1.02 * stored);
  expect_identical();
}

TEST_F(EndToEnd, RetainRemovesAtTheCollectorOrHere) {
  start("{ max_entries: 10 }");
  towlctl({"append"}, lines_of(0, 35));
  sync_json();
  const auto dry = towlctl({"retain", "--max-bytes", "1", "--dry-run"});
  EXPECT_EQ(lines(dry.out), 3);
  EXPECT_EQ(towlctl({"retain"}).out, "nothing to remove\n");
  EXPECT_EQ(lines(towlctl({"retain", "--max-bytes", "1"}).out), 3);
  EXPECT_FALSE(fs::exists(folder_ / "store/1.towl"));
  EXPECT_TRUE(fs::exists(folder_ / "mirror/1.towl"));
  EXPECT_EQ(sync_json()["retired_files"], 3);
  EXPECT_EQ(lines(towlctl({"retain", "--store", folder_ / "mirror", "--max-bytes", "1"}).out), 3);
  EXPECT_FALSE(fs::exists(folder_ / "mirror/1.towl"));
  EXPECT_EQ(towlctl({"retain", "--store", folder_ / "mirror"}).code, 2);
  EXPECT_EQ(towlctl({"retain", "--max-age", "soon"}).code, 2);
}

TEST_F(EndToEnd, LsAndInfoAreForProgramsToo) {
  start("{ max_entries: 10 }");
  towlctl({"append"}, lines_of(0, 15));
  sync_json();
  const auto listed = towlctl({"ls", "--json"});
  ASSERT_EQ(lines(listed.out), 2);
  const json file = json::parse(listed.out.substr(0, listed.out.find('\n')));
  EXPECT_EQ(file["file_id"], 1);
  EXPECT_EQ(file["count"], 10);
  EXPECT_TRUE(file["state"] == "closed" || file["state"] == "sealed") << file["state"];
  EXPECT_EQ(json::parse(towlctl({"info", "--json", "2"}).out)["count"], 5);
  EXPECT_EQ(lines(towlctl({"ls"}).out), 3);
}

TEST_F(EndToEnd, ErrorsAreOneLineAndSayWhatToDo) {
  const auto check = [&](const std::vector<std::string>& arguments, int code, const std::string& says) {
    const auto result = towlctl(arguments);
    EXPECT_EQ(result.code, code) << arguments[0];
    EXPECT_EQ(lines(result.err), 1) << result.err;
    EXPECT_THAT(result.err, HasSubstr(says));
    EXPECT_EQ(result.out, "");
  };
  check({"sync", "--server", "127.0.0.1:1"}, 1, "127.0.0.1:1");
  check({"append", "--server", "127.0.0.1:1"}, 2, "127.0.0.1:1");
  check({"cat", "--store", folder_ / "none"}, 2, "no such store");
  check({"cat", folder_ / "none.towl"}, 2, "no such file");
  check({"cat", "-S", "soon"}, 2, "--since");
  check({"cat", "-n", "x"}, 2, "--lines");
  check({"cat", "--store", folder_.path(), "7"}, 2, "no file 7");
  check({"dog"}, 2, "--help");
  check({"cat", "--dog"}, 2, "towlctl cat --help");
  std::ofstream(folder_ / "5.towl") << "not a towl file, but long enough to be asked: " << std::string(3000, 'x');
  check({"cat", folder_ / "5.towl"}, 2, "5.towl");
}

TEST_F(EndToEnd, EveryCommandHasHelp) {
  for (const char* name : {"sync", "cat", "grep", "tail", "ls", "info", "append", "verify", "repair", "seal", "convert",
                           "retain", "stat", "explain"}) {
    const auto help = towlctl({name, "--help"});
    EXPECT_EQ(help.code, 0) << name;
    EXPECT_THAT(help.out, HasSubstr(name));
  }
  EXPECT_THAT(towlctl({"--help"}).out, HasSubstr("Examples"));
  EXPECT_EQ(towlctl({"--version"}).out, "towlctl 0.1.0\n");
}

TEST_F(EndToEnd, AReaderThatGoesAwayEndsItQuietly) {
  start();
  towlctl({"append"}, lines_of(0, 900));
  sync_json();
  const auto headed = run({"bash", "-c",
                           std::string("set -o pipefail; for i in $(seq 300); do ") + TOWLCTL_PROGRAM +
                               " cat; [ $? = 141 ] && break; done | head -n 1"},
                          {.environment = environment()});
  EXPECT_EQ(headed.out, numbered_text(0) + "\n");
  EXPECT_EQ(headed.err, "");
}

TEST_F(EndToEnd, JournalEntriesPrintAsJournalctlDoes) {
  start();
  const std::string journal =
      R"({"__REALTIME_TIMESTAMP":"1768660200123456","_HOSTNAME":"web","SYSLOG_IDENTIFIER":"nginx","_PID":"77","PRIORITY":"3","_SYSTEMD_UNIT":"nginx.service","MESSAGE":"it failed"})"
      "\n"
      R"({"__REALTIME_TIMESTAMP":"1768660201000000","_HOSTNAME":"web","SYSLOG_IDENTIFIER":"app","PRIORITY":"6","MESSAGE":[98,105,110,255]})"
      "\n";
  towlctl({"append"}, journal);
  sync_json();
  EXPECT_EQ(towlctl({"cat"}).out,
            "Jan 17 14:30:00 web nginx[77]: it failed\nJan 17 14:30:01 web app: [4B blob data]\n");
  EXPECT_EQ(towlctl({"cat", "-a"}).out, "Jan 17 14:30:00 web nginx[77]: it failed\nJan 17 14:30:01 web app: bin\xff\n");
  EXPECT_EQ(towlctl({"cat", "-o", "raw"}).out, journal);
  // Before what journalctl prints comes where the entry is.
  const std::regex address(R"("file_uuid":"[0-9a-f]{32}","ordinal":[0-9]+,)");
  EXPECT_EQ(std::regex_replace(towlctl({"cat", "-o", "json"}).out, address, ""), journal);
  EXPECT_EQ(towlctl({"cat", "-o", "cat", "-u", "nginx"}).out, "it failed\n");
  EXPECT_EQ(towlctl({"cat", "-o", "cat", "-p", "err"}).out, "it failed\n");
  EXPECT_EQ(towlctl({"cat", "-o", "cat", "-t", "nginx"}).out, "it failed\n");
  EXPECT_EQ(towlctl({"cat", "-o", "cat", "_PID=77", "_PID=78"}).out, "it failed\n");
  EXPECT_EQ(towlctl({"cat", "-o", "cat", "_PID=77", "_HOSTNAME=db"}).out, "");
  EXPECT_EQ(towlctl({"grep", "-c", "nginx"}).out, "0\n");  // The message is searched, not the JSON.
  EXPECT_EQ(towlctl({"grep", "-c", "bin"}).out, "1\n");
  EXPECT_EQ(towlctl({"cat", "-r", "-n", "1", "-a", "-o", "cat"}).out, "bin\xff\n");
}

}  // namespace
}  // namespace towl::test
