// A crash at every call of the file layer. After it all that was not synced is there, or nothing of it, or a part, or
// the write in flight is torn at a sector. The store opens, has what was acknowledged, in order and once, and nothing
// that was never appended.
//
// TOWL_FAULT_ROUNDS=N   N times as many random parts. Seeds are in the trace of what fails.
#include <gtest/gtest.h>

#include <functional>

#include "fault/crashes.hpp"
#include "fault/small_files.hpp"
#include "towl/seal.hpp"
#include "towl/store.hpp"

namespace towl::test {
namespace {

constexpr std::uint64_t kBatch = 12;

// What was acknowledged, in entries from the first one on.
struct Acknowledged {
  std::uint64_t appended = 0;  ///< Handed to append(), acknowledged or not.
  std::uint64_t written = 0;
  std::uint64_t synced = 0;
};

// One session: batches that span several sectors, every second one synced; files rotate after 40 entries.
bool write_session(MemoryFileLayer& disk, Timestamp& time, int batches, bool close_file, Acknowledged& done) {
  auto writer = StoreWriter::open(kCrashStore, crash_options(disk, time));
  if (!writer) return false;
  for (int i = 0; i < batches; ++i) {
    const auto batch = numbered_entries(done.appended, kBatch);
    done.appended += kBatch;
    if (!writer->append(views(batch))) return false;
    done.written = done.appended;
    if (i % 2 == 0) continue;
    if (!writer->sync()) return false;
    done.synced = done.appended;
  }
  // As the collector does: closed files are sealed next to the writer; the copy is made first and put in place later.
  const auto listing = writer->reader().list();
  if (!listing) return false;
  std::optional<SealedCopy> copy;
  for (const FileInfo& file : listing->files) {
    if (!file.index.closed || file.index.sealed) continue;
    if (copy && !copy->take_place()) return false;
    auto made = SealedCopy::make(file.path, {.layer = &disk});
    if (!made) return false;
    copy.emplace(std::move(*made));
  }
  if (copy && !copy->take_place()) return false;
  if (!writer->close(close_file)) return false;
  done.written = done.synced = done.appended;
  return true;
}

Acknowledged run_store(MemoryFileLayer& disk) {
  Acknowledged done;
  Timestamp time = 0;
  if (!write_session(disk, time, 7, false, done) || !write_session(disk, time, 4, true, done)) return done;
  // The rest is sealed without a writer.
  const auto store = Store::open(kCrashStore, &disk);
  const auto listing = store ? store->list() : Result<Listing>(tl::unexpect, store.error());
  if (!listing) return done;
  for (const FileInfo& file : listing->files) {
    if (!seal(file.path, {.layer = &disk})) return done;
  }
  return done;
}

// All entries of all files, whose ordinals must go on from file to file without a hole.
std::vector<Entry> read_store(const Store& store, MemoryFileLayer& disk) {
  const auto listing = store.list();
  EXPECT_TRUE(listing && listing->unreadable.empty());
  std::vector<Entry> entries;
  for (const FileInfo& file : listing->files) {
    EXPECT_EQ(findings(disk, file.path.string()), "whole") << file.path;
    auto reader = store.open_file(file.file_id);
    EXPECT_TRUE(reader);
    const std::size_t before = entries.size();
    for (Entry& entry : read_all(*reader)) entries.push_back(std::move(entry));
    // Gaps take the ordinals of tails that were cut off.
    if (reader->index().sealed) {
      const auto verified = verify(file.path, {.layer = &disk});
      EXPECT_EQ(reader->index().count - verified->lost, entries.size() - before);
    }
  }
  return entries;
}

void check_store(MemoryFileLayer& disk, const Crash& crash, const Acknowledged& done) {
  Timestamp time = 1'000 * kNanosecondsPerSecond;
  auto writer = StoreWriter::open(kCrashStore, crash_options(disk, time));
  ASSERT_TRUE(writer) << writer.error().to_string();
  auto entries = read_store(writer->reader(), disk);
  const std::uint64_t sure = keeps_written(crash.kind) ? done.written : done.synced;
  ASSERT_GE(entries.size(), sure) << "acknowledged entries are lost";
  ASSERT_LE(entries.size(), done.appended);
  ASSERT_EQ(entries, numbered_entries(0, entries.size())) << "not what was appended, in order and once";
  // Recovery has made all of it safe, and the store goes on.
  const auto added = numbered_entries(entries.size(), 4);
  ASSERT_TRUE(writer->append(views(added)) && writer->sync());
  disk.cut_power(PowerCut::keep_synced);
  auto again = StoreWriter::open(kCrashStore, crash_options(disk, time));
  ASSERT_TRUE(again) << again.error().to_string();
  ASSERT_EQ(read_store(again->reader(), disk), numbered_entries(0, entries.size() + 4));
  const auto names = disk.list(kCrashStore);
  ASSERT_TRUE(names);
  for (const std::string& name : *names) EXPECT_FALSE(name.ends_with(".new")) << name << " is left";
}

// What the crashes below interrupt: appends, syncs, rotations, a second session, and every file sealed.
TEST(CrashScript, DoesAllThatItShould) {
  MemoryFileLayer disk;
  const Acknowledged done = run_store(disk);
  EXPECT_EQ(done.synced, 11 * kBatch);
  EXPECT_GT(disk.operations(), 200U);
  const auto listing = Store::open(kCrashStore, &disk)->list();
  ASSERT_EQ(listing->files.size(), 4U);
  for (const FileInfo& file : listing->files) EXPECT_TRUE(file.index.sealed);
}

class CrashOfAStore : public testing::TestWithParam<CrashKind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, CrashOfAStore, testing::ValuesIn(crash_kinds()), crash_name);

TEST_P(CrashOfAStore, LosesNothingThatWasAcknowledged) {
  Acknowledged done;
  each_crash(
      GetParam(), [](MemoryFileLayer&) {}, [&](MemoryFileLayer& disk) { done = run_store(disk); },
      [&](MemoryFileLayer& disk, const Crash& crash) { check_store(disk, crash, done); });
}

// Another crash while the store recovers from the first.
TEST_P(CrashOfAStore, MayHappenAgainDuringRecovery) {
  for (const std::uint64_t call : {40U, 75U, 110U, 145U, 180U}) {
    SCOPED_TRACE(testing::Message() << "first crash at call " << call);
    Acknowledged done;
    each_crash(
        GetParam(),
        [&](MemoryFileLayer& disk) {
          disk.stop_at(call);
          done = run_store(disk);
          disk.cut_power(PowerCut::keep_random, call);
        },
        [&](MemoryFileLayer& disk) {
          Timestamp time = 500 * kNanosecondsPerSecond;
          (void)StoreWriter::open(kCrashStore, crash_options(disk, time));
        },
        [&](MemoryFileLayer& disk, const Crash& crash) {
          done.written = done.synced;  // The first crash may have taken the others.
          check_store(disk, crash, done);
        });
    if (HasFailure()) return;
  }
}

class CrashOfAFile : public testing::TestWithParam<CrashKind> {
 protected:
  const SmallFile closed = closed_file();
  const SmallFile sealed = sealed_file_of_frames();
};
INSTANTIATE_TEST_SUITE_P(Kinds, CrashOfAFile, testing::ValuesIn(crash_kinds()), crash_name);

// Sealing leaves the old file or the new one.
TEST_P(CrashOfAFile, WhileItIsSealedLeavesTheOldOrTheNewOne) {
  const SmallFile after = sealed_file();
  bool finished = false;
  each_crash(
      GetParam(), [&](MemoryFileLayer& disk) { disk.set_contents(kDamagedPath, closed.bytes); },
      [&](MemoryFileLayer& disk) { finished = seal(kDamagedPath, {.layer = &disk}).has_value(); },
      [&](MemoryFileLayer& disk, const Crash&) {
        const std::string bytes = disk.contents(kDamagedPath);
        ASSERT_TRUE(bytes == after.bytes || (!finished && bytes == closed.bytes));
        ASSERT_EQ(read_all(kDamagedPath, &disk), closed.entries);
        const auto again = seal(kDamagedPath, {.layer = &disk});
        ASSERT_TRUE(again) << again.error().to_string();
        ASSERT_TRUE(disk.contents(kDamagedPath) == after.bytes);
      });
}

// Damages a frame in the middle. An interrupted repair always leaves either the damaged file or a whole one, and
// the damaged bytes are somewhere.
void crash_repair(CrashKind kind, const SmallFile& file) {
  const StoredFrame damaged = file.data_frames().at(1);
  std::string bytes = file.bytes;
  bytes[damaged.begin + 90] = static_cast<char>(~bytes[damaged.begin + 90]);
  bool finished = false;
  each_crash(
      kind, [&](MemoryFileLayer& disk) { disk.set_contents(kDamagedPath, bytes); },
      [&](MemoryFileLayer& disk) { finished = repair(kDamagedPath, {.layer = &disk}).has_value(); },
      [&](MemoryFileLayer& disk, const Crash&) {
        const bool old = disk.contents(kDamagedPath) == bytes;
        ASSERT_TRUE(old || is_whole(disk)) << findings(disk);
        ASSERT_TRUE(!old || !finished) << "an acknowledged repair is undone";
        if (!old) {
          ASSERT_TRUE(disk.contents("/d/1.towl.damaged") == bytes.substr(damaged.begin, damaged.end - damaged.begin));
        }
        const auto again = repair(kDamagedPath, {.layer = &disk});
        ASSERT_TRUE(again) << again.error().to_string();
        ASSERT_TRUE(is_whole(disk)) << findings(disk);
        const Reading reading = read_damaged(disk, file.entries);
        ASSERT_TRUE(reading.errors.empty());
        ASSERT_EQ(reading.ordinals.size(), file.entries.size() - damaged.header.count);
        ASSERT_FALSE(reading.has(damaged.header.first));
      });
}

TEST_P(CrashOfAFile, WhileItIsRepairedLeavesTheOldOrTheNewOne) { crash_repair(GetParam(), closed); }
TEST_P(CrashOfAFile, WhileASealedOneIsRepairedLeavesTheOldOrTheNewOne) { crash_repair(GetParam(), sealed); }

// The writer died, the machine did not, and goes down while the file is recovered: the index never promises entries
// that are not safe yet. `tail` is what the writer left of its last write.
void crash_recovery(CrashKind kind, std::string_view tail) {
  const auto entries = numbered_entries(0, 60);
  each_crash(
      kind,
      [&](MemoryFileLayer& disk) {
        auto writer =
            FileWriter::create(kDamagedPath, {.file_id = 1, .opened = 5, .uuid = small_uuid(1)}, {.layer = &disk});
        ASSERT_TRUE(writer && writer->append(views(numbered_entries(0, 12))) && writer->sync());
        for (std::uint64_t i = 12; i < 60; i += 12) {
          ASSERT_TRUE(writer->append(views(numbered_entries(i, 12))) && writer->flush());
        }
        const auto file = disk.open(kDamagedPath, OpenMode::read_write);
        ASSERT_TRUE(file && (*file)->write_at(writer->written().offset, tail));
      },
      [&](MemoryFileLayer& disk) { (void)recover(kDamagedPath, {.layer = &disk}); },
      [&](MemoryFileLayer& disk, const Crash&) {
        const Reading reading = read_damaged(disk, entries);
        ASSERT_TRUE(reading.errors.empty()) << reading.errors.front().to_string();
        ASSERT_GE(reading.ordinals.size(), 12U);
        ASSERT_TRUE(recover(kDamagedPath, {.layer = &disk}));
        ASSERT_TRUE(is_whole(disk)) << findings(disk);
        ASSERT_EQ(read_damaged(disk, entries).ordinals, reading.ordinals);
      });
}

TEST_P(CrashOfAFile, WhileItIsRecoveredPromisesNothingThatIsNotSafe) { crash_recovery(GetParam(), {}); }
TEST_P(CrashOfAFile, WhileItsTornTailIsCutOffPromisesNothingThatIsNotSafe) {
  crash_recovery(GetParam(), std::string(700, 'x'));
}

// A tail is cut off only once it is saved.
TEST_P(CrashOfAFile, WhileATornTailIsCutOffKeepsItSomewhere) {
  const SmallFile file = open_file();
  const std::string torn(700, 'x');
  bool finished = false;
  each_crash(
      GetParam(), [&](MemoryFileLayer& disk) { disk.set_contents(kDamagedPath, file.bytes + torn); },
      [&](MemoryFileLayer& disk) { finished = recover(kDamagedPath, {.layer = &disk}).has_value(); },
      [&](MemoryFileLayer& disk, const Crash&) {
        const bool cut = disk.contents(kDamagedPath).size() < file.bytes.size() + torn.size();
        ASSERT_TRUE(!cut || disk.contents("/d/1.towl.torn") == torn) << "cut off, and not saved";
        ASSERT_TRUE(cut || !finished);
        ASSERT_EQ(read_damaged(disk, file.entries).ordinals.size(), file.entries.size());
        const auto again = recover(kDamagedPath, {.layer = &disk});
        ASSERT_TRUE(again) << again.error().to_string();
        ASSERT_TRUE(is_whole(disk)) << findings(disk);
        ASSERT_GE(again->index.count, file.entries.size());
        // What it has counted is safe.
        disk.cut_power(PowerCut::keep_synced);
        ASSERT_EQ(read_damaged(disk, file.entries).ordinals.size(), file.entries.size());
        ASSERT_TRUE(is_whole(disk)) << findings(disk);
      });
}

}  // namespace
}  // namespace towl::test
