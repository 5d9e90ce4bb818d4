// Entries keep their event time in every state of a file, and time ranges use it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "support/stores.hpp"
#include "towl/file_writer.hpp"
#include "towl/memory_file_layer.hpp"
#include "towl/recover.hpp"
#include "towl/seal.hpp"

namespace towl {
namespace {

using test::read_all;

constexpr const char* kTimedPath = "/1.towl";
constexpr Timestamp kStart = 1'768'660'200'000'000'000;

enum class State { open, closed, sealed, repaired };

// Times of several kinds: as they were received, a replayed log's, another clock's, anything.
std::vector<Entry> entries_with_times(std::mt19937_64& random, std::size_t count) {
  std::vector<Entry> entries;
  Timestamp replayed = kStart - 1'000'000 * kNanosecondsPerSecond;
  for (std::size_t i = 0; i < count; ++i) {
    Entry entry{"host-" + std::to_string(i % 3), kStart + static_cast<Timestamp>(i) * 1'000'003, LogFormat::text,
                "entry " + std::to_string(i) + std::string(random() % 60, '.')};
    switch (random() % 4) {
      case 0:
        entry.set_time(replayed += static_cast<Timestamp>(random() % 1'000'000'000));
        break;
      case 1:
        entry.set_time(entry.received / kNanosecondsPerSecond * kNanosecondsPerSecond);
        break;
      case 2:
        if (random() % 50 == 0) entry.set_time(static_cast<Timestamp>(random()));
        break;
      default:
        break;
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

class EventTimes : public testing::TestWithParam<State> {
 protected:
  // Some entries a frame, in a file that is in the state. A repair leaves a gap; what was lost is taken off `entries`.
  void write(std::vector<Entry>& entries) {
    auto writer = FileWriter::create(kTimedPath, {.file_id = 1, .opened = 5}, {.layer = &layer_});
    ASSERT_TRUE(writer);
    for (std::size_t i = 0; i < entries.size(); i += kBatch) {
      const std::span batch(entries.data() + i, std::min(kBatch, entries.size() - i));
      ASSERT_TRUE(writer->append(std::vector<EntryView>(batch.begin(), batch.end())));
      ASSERT_TRUE(writer->flush());
    }
    ASSERT_TRUE(GetParam() == State::open ? writer->sync() : writer->close(9));
    if (GetParam() == State::sealed) {
      ASSERT_TRUE(seal(kTimedPath, {.layer = &layer_}));
    }
    if (GetParam() != State::repaired) return;
    damage(writer->index().count / 2);
    const auto report = repair(kTimedPath, {.layer = &layer_});
    ASSERT_TRUE(report) << report.error().to_string();
    const std::size_t first = entries.size() / 2 / kBatch * kBatch;
    const auto begin = entries.begin() + static_cast<std::ptrdiff_t>(first);
    entries.erase(begin, std::min(begin + kBatch, entries.end()));
  }

  // A byte of the frame that holds the entry.
  void damage(Ordinal ordinal) {
    auto reader = FileReader::open(kTimedPath, {.layer = &layer_});
    ASSERT_TRUE(reader);
    ASSERT_TRUE(reader->seek(ordinal));
    ASSERT_TRUE(reader->next());
    const std::uint64_t offset = reader->position().offset + 130;
    auto file = layer_.open(kTimedPath, OpenMode::read_write);
    ASSERT_TRUE(file);
    char byte = 0;
    ASSERT_TRUE((*file)->read_at(offset, {&byte, 1}));
    byte = static_cast<char>(byte ^ 1);
    ASSERT_TRUE((*file)->write_at(offset, {&byte, 1}));
  }

  static constexpr std::size_t kBatch = 40;
  MemoryFileLayer layer_;
};

TEST_P(EventTimes, AreKeptAndTheFileIsWhole) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::vector<Entry> entries = entries_with_times(random, 3000);
  ASSERT_NO_FATAL_FAILURE(write(entries));
  EXPECT_EQ(read_all(kTimedPath, &layer_), entries);
  const auto report = verify(kTimedPath, {.layer = &layer_});
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_TRUE(report->whole()) << report->findings.front().what;
  const auto earlier = [](const Entry& a, const Entry& b) { return a.time() < b.time(); };
  const auto [earliest, latest] = std::minmax_element(entries.begin(), entries.end(), earlier);
  EXPECT_EQ(report->index.event_min, earliest->time());
  EXPECT_EQ(report->index.event_max, latest->time());
}

// Frames that are skipped have nothing that was asked for.
TEST_P(EventTimes, ARangeGivesWhatALoopOverAllEntriesGives) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::vector<Entry> entries = entries_with_times(random, 2000);
  ASSERT_NO_FATAL_FAILURE(write(entries));
  for (int round = 0; round < 200; ++round) {
    ReadOptions options{.layer = &layer_};
    const auto some_time = [&] {
      return entries[random() % entries.size()].time() + static_cast<Timestamp>(random() % 3) - 1;
    };
    if (random() % 3 > 0) options.since = some_time();
    if (random() % 3 > 0) options.until = some_time();
    SCOPED_TRACE("since " + std::to_string(options.since.value_or(0)) + " until " +
                 std::to_string(options.until.value_or(0)));
    std::vector<Entry> wanted;
    for (const Entry& entry : entries) {
      if ((!options.since || entry.time() >= *options.since) && (!options.until || entry.time() < *options.until)) {
        wanted.push_back(entry);
      }
    }
    auto reader = FileReader::open(kTimedPath, options);
    ASSERT_TRUE(reader);
    ASSERT_EQ(read_all(*reader), wanted);
  }
}

std::string name_of(State state) {
  constexpr std::array<const char*, 4> kNames = {"open", "closed", "sealed", "repaired"};
  return kNames[static_cast<std::size_t>(state)];
}

INSTANTIATE_TEST_SUITE_P(States, EventTimes,
                         testing::Values(State::open, State::closed, State::sealed, State::repaired),
                         [](const auto& state) { return name_of(state.param); });

// Format 1 has no place for it.
TEST(EventTimesOfFormat1, AreTheReceivedTimes) {
  MemoryFileLayer layer;
  auto writer =
      FileWriter::create(kTimedPath, {.file_id = 1, .opened = 5, .format = FileFormat::v1}, {.layer = &layer});
  ASSERT_TRUE(writer);
  Entry entry{"h", kStart, LogFormat::text, "x"};
  entry.set_time(kStart - 5);
  ASSERT_TRUE(writer->append(entry));
  ASSERT_TRUE(writer->close(9));
  const auto stored = read_all(kTimedPath, &layer);
  ASSERT_EQ(stored.size(), 1u);
  EXPECT_EQ(stored[0].received, kStart);
  EXPECT_EQ(stored[0].time(), kStart);
}

}  // namespace
}  // namespace towl
