// Collector and client as users run them: what goes in comes out of the mirror, no matter what is killed in between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <random>
#include <regex>

#include "end_to_end/two_programs.hpp"
#include "support/fault_proxy.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

class EndToEnd : public TwoPrograms {};

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
  // The first file is complete. The collector may have sealed it by now; then the mirror does so too.
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
  append_by_hundreds(20);
  const auto path = folder_ / "store/1.towl";
  const auto flip = [&, at = place_of(path, numbered_text(1000))] {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(at);
    const int byte = file.get();
    file.seekp(at);
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
  append_by_hundreds(20);
  EXPECT_EQ(towlctl({"sync"}).code, 0);
  const auto damage = [](const fs::path& path) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(place_of(path, numbered_text(1000)));
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

}  // namespace
}  // namespace towl::test
