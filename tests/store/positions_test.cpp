// How far sources were read is stored in the same frame as their entries, and found again.
#include <gtest/gtest.h>

#include <map>

#include "support/stores.hpp"
#include "towl/commit_group.hpp"
#include "towl/memory_file_layer.hpp"
#include "towl/recover.hpp"
#include "towl/seal.hpp"
#include "towl/source_positions.hpp"
#include "towl/store.hpp"

namespace towl {
namespace {

using test::numbered_entries;
using test::read_all;
using test::views;

using Positions = std::vector<SourcePosition>;

class PositionsOfAStore : public testing::Test {
 protected:
  StoreWriter open(StoreOptions options = {}) {
    options.layer = &layer;
    options.clock = [this] { return time += kNanosecondsPerSecond; };
    auto writer = StoreWriter::open("/s", options);
    if (!writer) ADD_FAILURE() << writer.error().to_string();
    return std::move(*writer);
  }
  StoredRange append(StoreWriter& writer, std::uint64_t count, const Positions& positions) {
    const auto entries = numbered_entries(next, count);
    next += count;
    auto range = writer.append(views(entries), positions);
    if (!range) ADD_FAILURE() << range.error().to_string();
    return range.value_or(StoredRange{});
  }
  Positions stored(const std::string& path) {
    auto known = read_source_positions(path, &layer);
    if (!known) ADD_FAILURE() << known.error().to_string();
    std::erase_if(known->positions, [](const auto& position) { return position.source == "store"; });
    std::sort(known->positions.begin(), known->positions.end(),
              [](const auto& a, const auto& b) { return a.source < b.source; });
    return known->positions;
  }
  /// All but the store's identity.
  static Positions known(const StoreWriter& writer) {
    Positions positions = writer.positions();
    std::erase_if(positions, [](const auto& position) { return position.source == "store"; });
    return positions;
  }
  MemoryFileLayer layer;
  Timestamp time = 1'768'660'200'000'000'000;
  std::uint64_t next = 0;
};

TEST_F(PositionsOfAStore, AreFoundAgainWithoutAClose) {
  {
    auto writer = open();
    append(writer, 3, {{"a", "1"}, {"b", "x"}});
    append(writer, 2, {{"a", "2"}});
    EXPECT_EQ(writer.position("a"), "2");
    EXPECT_EQ(writer.position("c"), "");
    layer.stop_at(layer.operations());
  }
  layer.cut_power(PowerCut::keep_all);
  auto writer = open();
  EXPECT_EQ(known(writer), (Positions{{"a", "2"}, {"b", "x"}}));
  EXPECT_EQ(read_all(writer.reader()), numbered_entries(0, 5));
}

TEST_F(PositionsOfAStore, AnEmptyOneForgetsTheSource) {
  auto writer = open();
  append(writer, 1, {{"a", "1"}, {"b", "x"}});
  append(writer, 1, {{"a", ""}});
  ASSERT_TRUE(writer.close());
  EXPECT_EQ(known(open()), (Positions{{"b", "x"}}));
}

TEST_F(PositionsOfAStore, EachFileBeginsWithAll) {
  auto writer = open({.partition = {.max_entries = 4}});
  append(writer, 4, {{"a", "1"}, {"b", "x"}});
  append(writer, 4, {{"c", "7"}});
  EXPECT_EQ(stored("/s/2.towl"), (Positions{{"a", "1"}, {"b", "x"}, {"c", "7"}}));
  // Entries without a position carry the others' on.
  ASSERT_TRUE(writer.append(views(numbered_entries(next, 3))));
  EXPECT_EQ(stored("/s/3.towl"), (Positions{{"a", "1"}, {"b", "x"}, {"c", "7"}}));
  EXPECT_EQ(read_all(writer.reader()), numbered_entries(0, 11));
}

TEST_F(PositionsOfAStore, StayInASealedFile) {
  auto writer = open({.partition = {.max_entries = 4}});
  append(writer, 2, {{"a", "1"}, {"b", "x"}});
  append(writer, 2, {{"a", "2"}});
  ASSERT_TRUE(seal("/s/1.towl", {.layer = &layer}));
  EXPECT_EQ(stored("/s/1.towl"), (Positions{{"a", "2"}, {"b", "x"}}));
  EXPECT_EQ(read_all("/s/1.towl", &layer), numbered_entries(0, 4));
  ASSERT_TRUE(writer.close());
  EXPECT_EQ(known(open()), (Positions{{"a", "2"}, {"b", "x"}}));
}

TEST_F(PositionsOfAStore, ABatchWithThemIsNotSplit) {
  auto writer = open({.partition = {.max_entries = 5}});
  EXPECT_EQ(append(writer, 3, {{"a", "3"}}), (StoredRange{1, 0, 3}));
  EXPECT_EQ(append(writer, 3, {{"a", "6"}}), (StoredRange{2, 0, 3}));
  EXPECT_EQ(append(writer, 7, {{"a", "13"}}), (StoredRange{3, 0, 7})) << "larger than any file: one of its own";
}

TEST_F(PositionsOfAStore, OneIsWhoTheStoreIs) {
  std::string identity;
  {
    auto writer = open({.partition = {.max_entries = 2}});
    EXPECT_EQ(writer.identity(), "") << "nothing is stored";
    ASSERT_TRUE(writer.append(views(numbered_entries(0, 5))));
    identity = writer.identity();
    EXPECT_EQ(identity.size(), 32u);
    ASSERT_TRUE(writer.close());
  }
  EXPECT_EQ(open().identity(), identity);
  MemoryFileLayer other;
  auto writer = StoreWriter::open("/s", {.layer = &other});
  ASSERT_TRUE(writer && writer->append(views(numbered_entries(0, 1))));
  EXPECT_NE(writer->identity(), identity);
}

TEST_F(PositionsOfAStore, FormatOneHasNoPlaceForThem) {
  auto writer = open({.file_format = FileFormat::v1});
  const auto entries = numbered_entries(0, 1);
  const auto refused = writer.append(views(entries), Positions{{"a", "1"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  ASSERT_TRUE(writer.append(views(entries)));
  EXPECT_EQ(read_all(writer.reader()), entries);
}

// The last frame is torn at every byte: what is left of entries and of positions is what was stored before it.
TEST_F(PositionsOfAStore, AreTornWithTheirEntries) {
  {
    auto writer = open();
    append(writer, 2, {{"a", "2"}});
    append(writer, 2, {{"a", "4"}});
    layer.stop_at(layer.operations());
  }
  layer.cut_power(PowerCut::keep_all);
  const std::string whole = layer.contents("/s/1.towl");
  // After its last byte that is not zero: a length, and padding.
  const std::size_t end = std::min(whole.size(), whole.find_last_not_of('\0') + 16);
  bool seen_both = false;
  for (std::size_t size = whole.rfind("TWLF"); size <= end; ++size) {
    SCOPED_TRACE(size);
    layer.set_contents("/s/1.towl", whole.substr(0, size));
    auto writer = open();
    const std::size_t count = read_all(writer.reader()).size();
    ASSERT_TRUE(count == 2 || count == 4);
    ASSERT_EQ(writer.position("a"), std::to_string(count));
    seen_both |= count == 4;
    ASSERT_TRUE(writer.close());
    (void)layer.remove("/s/1.towl.torn");
  }
  EXPECT_TRUE(seen_both);
}

TEST_F(PositionsOfAStore, GoBackWithEntriesThatAFailedSyncTakesBack) {
  auto writer = open();
  append(writer, 2, {{"a", "2"}, {"b", "x"}});
  ASSERT_TRUE(writer.sync());
  append(writer, 1, {{"a", "3"}});  // Acknowledged as written: it stays.
  {
    CommitGroup group(writer);
    append(writer, 1, {{"a", "4"}, {"b", ""}, {"c", "1"}});
    append(writer, 1, {{"a", "5"}});
    layer.fail_at(layer.operations(), ErrorCode::io, 2);  // The sync, and the first call for a new file.
    EXPECT_FALSE(writer.sync());
  }
  EXPECT_EQ(known(writer), (Positions{{"a", "3"}, {"b", "x"}}));
  next = 3;
  append(writer, 2, {{"a", "5"}});
  ASSERT_TRUE(writer.sync());
  EXPECT_EQ(read_all(writer.reader()), numbered_entries(0, 5));
  EXPECT_EQ(stored("/s/2.towl"), (Positions{{"a", "5"}, {"b", "x"}}));
}

TEST_F(PositionsOfAStore, MoveWithEntriesThatAFailedSyncLeftInDoubt) {
  auto writer = open();
  append(writer, 2, {{"a", "2"}});
  ASSERT_TRUE(writer.sync());
  append(writer, 3, {{"a", "5"}, {"b", "x"}});
  layer.fail_at(layer.operations(), ErrorCode::io);
  ASSERT_TRUE(writer.sync());
  EXPECT_EQ(stored("/s/1.towl"), (Positions{{"a", "2"}}));
  EXPECT_EQ(stored("/s/2.towl"), (Positions{{"a", "5"}, {"b", "x"}}));
  layer.cut_power(PowerCut::keep_synced);
  EXPECT_EQ(known(open()), (Positions{{"a", "5"}, {"b", "x"}}));
}

// A source that is read on from an old position gives its entries twice, one without a position gives all of them
// again: if the newest file is damaged, the file before it has the positions of its time.
TEST_F(PositionsOfAStore, OfADamagedFileAreThoseOfTheOneBefore) {
  auto writer = open({.partition = {.max_entries = 2}});
  append(writer, 2, {{"a", "1"}, {"b", "x"}});
  append(writer, 1, {{"a", "2"}});
  append(writer, 1, {{"a", "3"}});
  ASSERT_TRUE(writer.close());
  std::string bytes = layer.contents("/s/2.towl");
  const std::size_t first = bytes.find("TWLF", 2056);
  bytes[bytes.find("TWLF", first + 4) - 20] ^= 1;
  layer.set_contents("/s/2.towl", bytes);
  EXPECT_EQ(known(open()), (Positions{{"a", "3"}, {"b", "x"}}));
}

// What a source has lost before it came here: the ordinals are taken, and it is not sent again.
TEST_F(PositionsOfAStore, OfAGapAreInItsFrame) {
  {
    auto writer = open();
    append(writer, 3, {{"a", "3"}});
    const auto gap = writer.append_gap(7, Positions{{"a", "10"}});
    ASSERT_TRUE(gap) << gap.error().to_string();
    EXPECT_EQ(*gap, (StoredRange{1, 3, 7}));
    EXPECT_EQ(append(writer, 2, {{"b", "x"}}), (StoredRange{1, 10, 2}));
    ASSERT_TRUE(writer.append_gap(1, Positions{{"b", "y"}}));
    ASSERT_TRUE(writer.sync());
    layer.stop_at(layer.operations());
  }
  layer.cut_power(PowerCut::keep_synced);
  auto writer = open();
  EXPECT_EQ(known(writer), (Positions{{"a", "10"}, {"b", "y"}}));
  ASSERT_TRUE(writer.close(true));
  for (const bool sealed : {false, true}) {
    ASSERT_TRUE(!sealed || seal("/s/1.towl", {.layer = &layer}));
    const auto verified = verify("/s/1.towl", {.layer = &layer});
    ASSERT_TRUE(verified && verified->whole()) << verified->findings.front().what;
    EXPECT_EQ(verified->count, 13u);
    EXPECT_EQ(verified->lost, 8u);
    EXPECT_EQ(read_all("/s/1.towl", &layer), numbered_entries(0, 5));
    EXPECT_EQ(stored("/s/1.towl"), (Positions{{"a", "10"}, {"b", "y"}}));
    EXPECT_EQ(FileReader::open("/s/1.towl", {.layer = &layer})->index().gaps, 2u);
  }
}

// The first frame of a file has the positions of all sources, even if it is a gap and the file before it is gone.
TEST_F(PositionsOfAStore, OfAFileThatBeginsWithAGapAreThoseOfAllSources) {
  auto writer = open({.partition = {.max_entries = 3}});
  append(writer, 3, {{"a", "3"}, {"c", "z"}});
  ASSERT_TRUE(writer.append_gap(2, Positions{{"b", "2"}}));
  append(writer, 1, {{"b", "3"}});
  ASSERT_TRUE(writer.close());
  ASSERT_TRUE(layer.remove("/s/1.towl"));
  EXPECT_EQ(known(open()), (Positions{{"a", "3"}, {"b", "3"}, {"c", "z"}}));
  EXPECT_EQ(FileReader::open("/s/2.towl", {.layer = &layer})->index().first, numbered_entries(3, 1)[0].received);
}

TEST_F(PositionsOfAStore, AGapMovesWithTheEntriesThatAFailedSyncLeftInDoubt) {
  auto writer = open();
  append(writer, 2, {{"a", "2"}});
  ASSERT_TRUE(writer.sync());
  ASSERT_TRUE(writer.append_gap(4, Positions{{"a", "6"}}));
  append(writer, 3, {{"a", "9"}});
  ASSERT_TRUE(writer.append_gap(2, Positions{{"a", "11"}}));
  layer.fail_at(layer.operations(), ErrorCode::io);
  const auto moves = writer.sync();
  ASSERT_TRUE(moves);
  ASSERT_EQ(moves->size(), 1u);
  EXPECT_EQ(moves->front().to, (StoredRange{2, 0, 9}));
  layer.cut_power(PowerCut::keep_synced);
  EXPECT_EQ(known(open()), (Positions{{"a", "11"}}));
  EXPECT_EQ(verify("/s/2.towl", {.layer = &layer})->lost, 6u);
  EXPECT_EQ(read_all(writer.reader()), numbered_entries(0, 5));
}

// Whatever a source claims to have lost.
TEST_F(PositionsOfAStore, OrdinalsDoNotRunOut) {
  auto writer = open();
  EXPECT_FALSE(writer.append_gap(0, {}));
  EXPECT_FALSE(writer.append_gap(~std::uint64_t{0}, {}));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(writer.append_gap(std::uint64_t{1} << 40, {}));
  EXPECT_EQ(append(writer, 2, {}), (StoredRange{4, 0, 2}));
}

}  // namespace
}  // namespace towl
