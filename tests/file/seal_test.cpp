#include "towl/seal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "support/stores.hpp"
#include "towl/file_writer.hpp"
#include "towl/memory_file_layer.hpp"
#include "towl/recover.hpp"
#include "v2/pages.hpp"

namespace towl {
namespace {

using test::numbered_entries;
using test::numbered_entry;
using test::read_all;
using test::views;

constexpr const char* kSealPath = "/1.towl";

class Sealing : public testing::Test {
 protected:
  void write(const std::vector<Entry>& entries, bool close = true) {
    auto writer =
        FileWriter::create(kSealPath, {.file_id = 1, .org = "acme", .title = "test", .opened = 5}, {.layer = &layer});
    ASSERT_TRUE(writer);
    for (std::size_t i = 0; i < entries.size(); i += 100) {
      const std::span batch(entries.data() + i, std::min<std::size_t>(100, entries.size() - i));
      ASSERT_TRUE(writer->append(std::vector<EntryView>(batch.begin(), batch.end())));
      ASSERT_TRUE(writer->flush());
    }
    ASSERT_TRUE(close ? writer->close(9) : writer->sync());
  }
  Result<SealReport> seal_it() { return seal(kSealPath, {.layer = &layer}); }
  MemoryFileLayer layer;
};

TEST_F(Sealing, KeepsEveryEntryAndMakesTheFileSmaller) {
  const auto entries = numbered_entries(0, 30'000);
  write(entries);
  const auto before = *FileReader::open(kSealPath, {.layer = &layer});
  const Index index = before.index();
  const auto report = seal_it();
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_FALSE(report->was_sealed);
  EXPECT_LT(report->bytes_after, report->bytes_before / 2);
  auto reader = FileReader::open(kSealPath, {.layer = &layer});
  ASSERT_TRUE(reader);
  EXPECT_TRUE(reader->index().sealed);
  EXPECT_EQ(reader->index().digest, index.digest);
  EXPECT_EQ(reader->index().count, index.count);
  EXPECT_EQ(reader->index().closed, index.closed);
  EXPECT_EQ(reader->index().text_bytes, index.text_bytes);
  EXPECT_EQ(read_all(*reader), entries);
  const auto verified = verify(kSealPath, {.layer = &layer});
  ASSERT_TRUE(verified);
  EXPECT_TRUE(verified->whole()) << verified->findings.front().what;
  EXPECT_EQ(seal_it()->was_sealed, true);
}

TEST_F(Sealing, AnyOrdinalAndAnyTimeIsFoundInAnyOrder) {
  write(numbered_entries(0, 50'000));
  ASSERT_TRUE(seal_it());
  std::mt19937 random(7);
  auto reader = FileReader::open(kSealPath, {.layer = &layer});
  for (int i = 0; i < 200; ++i) {
    const Ordinal ordinal = random() % 50'000;
    ASSERT_TRUE(reader->seek(ordinal));
    const auto entry = reader->next();
    ASSERT_TRUE(entry && *entry);
    ASSERT_EQ(**entry, numbered_entry(ordinal).view());
    ASSERT_EQ(reader->ordinal(), ordinal);
  }
  for (int i = 0; i < 50; ++i) {
    const Ordinal ordinal = random() % 49'000;
    const ReadOptions options = {
        .since = numbered_entry(ordinal).received, .until = numbered_entry(ordinal + 900).received, .layer = &layer};
    auto part = FileReader::open(kSealPath, options);
    ASSERT_EQ(read_all(*part), numbered_entries(ordinal, 900));
  }
}

TEST_F(Sealing, AnEmptyFileAndOneOfLargeEntriesAreSealedToo) {
  write({});
  ASSERT_TRUE(seal_it());
  EXPECT_TRUE(verify(kSealPath, {.layer = &layer})->whole());
  EXPECT_TRUE(read_all(kSealPath, &layer).empty());
  ASSERT_TRUE(layer.remove(kSealPath));
  std::vector<Entry> entries;
  for (int i = 0; i < 5; ++i) {
    entries.emplace_back("h", i, LogFormat::text, std::string(kMaxEntryBytes - 1, static_cast<char>('a' + i)));
    entries.push_back(numbered_entry(static_cast<std::uint64_t>(i)));
  }
  write(entries);
  ASSERT_TRUE(seal_it());
  EXPECT_EQ(read_all(kSealPath, &layer), entries);
  EXPECT_TRUE(verify(kSealPath, {.layer = &layer})->whole());
}

TEST_F(Sealing, AnOpenFileIsRefused) {
  write(numbered_entries(0, 10), false);
  EXPECT_EQ(seal_it().error().code, ErrorCode::invalid_argument);
}

TEST_F(Sealing, ASealedFileTakesNoMoreEntries) {
  write(numbered_entries(0, 10));
  ASSERT_TRUE(seal_it());
  EXPECT_EQ(FileWriter::open(kSealPath, {.layer = &layer}).error().code, ErrorCode::closed);
  EXPECT_EQ(read_all(kSealPath, &layer), numbered_entries(0, 10));
}

TEST_F(Sealing, StoppedItLeavesTheFileAsItWas) {
  write(numbered_entries(0, 1000));
  const std::string before = layer.contents(kSealPath);
  int asked = 0;
  EXPECT_EQ(seal(kSealPath, {.layer = &layer, .stop = [&] { return ++asked == 5; }}).error().code, ErrorCode::closed);
  EXPECT_TRUE(layer.contents(kSealPath) == before);
  EXPECT_FALSE(layer.exists("/1.towl.seal.new"));
}

// Retention may remove the file while its copy is made: it must not come back.
TEST_F(Sealing, AFileThatWasRemovedMeanwhileStaysRemoved) {
  write(numbered_entries(0, 1000));
  {
    auto copy = SealedCopy::make(kSealPath, {.layer = &layer});
    ASSERT_TRUE(copy);
    ASSERT_TRUE(layer.remove(kSealPath));
    EXPECT_EQ(copy->take_place().error().code, ErrorCode::not_found);
  }
  EXPECT_FALSE(layer.exists(kSealPath));
  EXPECT_FALSE(layer.exists("/1.towl.seal.new"));
}

// All readers use the same one, so that a repair gives what a reader gave.
TEST_F(Sealing, TheFooterCountsWhereTheIndexPageSaysSomethingElse) {
  const auto entries = numbered_entries(0, 500);
  write(entries);
  ASSERT_TRUE(seal_it());
  std::string file = layer.contents(kSealPath);
  const std::uint32_t tag = detail::v2::file_tag(FileReader::open(kSealPath, {.layer = &layer})->header().uuid);
  auto slot = detail::v2::decode_slot(std::string_view(file).substr(detail::v2::kIndexOffset), tag);
  ASSERT_TRUE(slot);
  slot->life = {7, 8};  // Of which no frame is.
  slot->index.count = 3;
  file.replace(detail::v2::kIndexOffset, detail::v2::kSlotBytes, detail::v2::encode_slot(*slot, tag));
  layer.set_contents(kSealPath, file);
  EXPECT_EQ(read_all(kSealPath, &layer), entries);
  EXPECT_FALSE(verify(kSealPath, {.layer = &layer})->whole());
  ASSERT_TRUE(repair(kSealPath, {.layer = &layer}));
  EXPECT_EQ(read_all(kSealPath, &layer), entries);
  EXPECT_TRUE(verify(kSealPath, {.layer = &layer})->whole());
}

TEST_F(Sealing, ReadableWithoutItsFirstTwoPages) {
  const auto entries = numbered_entries(0, 5000);
  write(entries);
  ASSERT_TRUE(seal_it());
  std::string bytes = layer.contents(kSealPath);
  std::fill_n(bytes.begin(), 2048, '\xEE');
  layer.set_contents(kSealPath, bytes);
  auto reader = FileReader::open(kSealPath, {.layer = &layer});
  ASSERT_TRUE(reader) << reader.error().to_string();
  EXPECT_EQ(reader->header().title, "test");
  EXPECT_EQ(reader->index().count, 5000U);
  EXPECT_EQ(read_all(*reader), entries);
}

}  // namespace
}  // namespace towl
