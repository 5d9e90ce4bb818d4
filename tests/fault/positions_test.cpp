// A crash at every call of the file layer: a source that is read on from its stored position has every entry in the
// store exactly once, in its order, no matter what was lost. Promise P6.
#include <gtest/gtest.h>

#include <array>
#include <map>

#include "fault/crashes.hpp"
#include "towl/seal.hpp"
#include "towl/store.hpp"

namespace towl::test {
namespace {

constexpr std::array<const char*, 3> kSources = {"a", "b", "c"};

// How many entries of a source are stored, as its position says.
std::uint64_t entries_read(const StoreWriter& writer, const char* source) {
  const std::string position(writer.position(source));
  return position.empty() ? 0 : std::stoull(position);
}

// Reads each source on, a batch at a time, until the store fails; syncs now and then; seals what is closed.
void collect(MemoryFileLayer& disk, int rounds) {
  Timestamp time = 0;
  auto writer = StoreWriter::open(kCrashStore, crash_options(disk, time));
  if (!writer) return;
  std::uint64_t batches = 0;
  for (int round = 0; round < rounds; ++round) {
    for (const char* source : kSources) {
      const std::uint64_t first = entries_read(*writer, source);
      const std::uint64_t count = 3 + batches % 7;
      std::vector<Entry> entries;
      for (std::uint64_t i = first; i < first + count; ++i) {
        entries.emplace_back(source, static_cast<Timestamp>(i), LogFormat::text, std::string(100, 'x'));
      }
      if (!writer->append(views(entries), std::array{SourcePosition{source, std::to_string(first + count)}})) return;
      if (++batches % 4 == 0 && !writer->sync()) return;
    }
  }
  if (!writer->roll()) return;
  const auto listing = writer->reader().list();
  if (!listing) return;
  for (const FileInfo& file : listing->files) {
    if (!seal(file.path, {.layer = &disk})) return;
  }
}

void check(MemoryFileLayer& disk) {
  Timestamp time = 1'000 * kNanosecondsPerSecond;
  auto writer = StoreWriter::open(kCrashStore, crash_options(disk, time));
  ASSERT_TRUE(writer) << writer.error().to_string();
  std::map<std::string, std::uint64_t> stored;
  for (const Entry& entry : read_all(writer->reader())) {
    ASSERT_EQ(entry.received, static_cast<Timestamp>(stored[entry.sender]++)) << entry.sender << ": lost or twice";
  }
  for (const char* source : kSources) ASSERT_EQ(entries_read(*writer, source), stored[source]) << source;
}

class CrashWithPositions : public testing::TestWithParam<CrashKind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, CrashWithPositions, testing::ValuesIn(crash_kinds()), crash_name);

TEST_P(CrashWithPositions, LeavesEntriesAndPositionsThatAgree) {
  each_crash(
      GetParam(), [](MemoryFileLayer&) {}, [](MemoryFileLayer& disk) { collect(disk, 6); },
      [](MemoryFileLayer& disk, const Crash&) {
        check(disk);
        if (testing::Test::HasFatalFailure()) return;
        collect(disk, 1);
        check(disk);
      });
}

// A sync that fails moves entries to a new file; a crash there may leave them twice, but for that no source is read on
// from a place that it had not reached.
TEST(FailedSyncWithPositions, LosesNothing) {
  for (std::uint64_t call = 0; call < 200; ++call) {
    SCOPED_TRACE(testing::Message() << "call " << call << " fails");
    MemoryFileLayer disk;
    disk.fail_at(call, ErrorCode::io);
    collect(disk, 6);
    disk.cut_power(PowerCut::keep_all);
    ASSERT_NO_FATAL_FAILURE(check(disk));
  }
}

}  // namespace
}  // namespace towl::test
