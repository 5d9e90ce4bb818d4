#include "towl/file_reader.hpp"

#include <gtest/gtest.h>

#include "bytes.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towl/file_writer.hpp"
#include "towl/memory_file_layer.hpp"
#include "v1/entry_codec.hpp"
#include "v2/layout.hpp"

namespace towl {
namespace {

using test::numbered_entries;
using test::numbered_entry;
using test::read_all;

class Reader : public testing::TestWithParam<FileFormat> {
 protected:
  FileWriter create() {
    auto writer =
        FileWriter::create("/1.towl", {.file_id = 1, .org = "acme", .title = "test", .opened = 5, .format = GetParam()},
                           {.layer = &layer});
    EXPECT_TRUE(writer);
    return std::move(*writer);
  }
  void fill(std::uint64_t count) {
    auto writer = create();
    for (std::uint64_t i = 0; i < count; ++i) ASSERT_TRUE(writer.append(numbered_entry(i)));
    ASSERT_TRUE(writer.close(9));
  }
  void fill_third() {
    auto writer = FileWriter::open("/1.towl", {.layer = &layer});
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->append(numbered_entry(2)));
    ASSERT_TRUE(writer->flush());
  }
  FileReader open(ReadOptions options = {}) {
    options.layer = &layer;
    auto reader = FileReader::open("/1.towl", options);
    EXPECT_TRUE(reader);
    return std::move(*reader);
  }
  MemoryFileLayer layer;
};

TEST_P(Reader, ReadsWhatWasWritten) {
  fill(1000);
  auto reader = open();
  EXPECT_EQ(reader.header().version, static_cast<std::int32_t>(GetParam()));
  EXPECT_EQ(reader.header().org, "acme");
  EXPECT_EQ(reader.header().title, "test");
  EXPECT_EQ(reader.header().file_id, 1U);
  EXPECT_EQ(reader.index().opened, 5);
  EXPECT_EQ(reader.index().closed, 9);
  EXPECT_EQ(reader.index().count, 1000U);
  EXPECT_EQ(reader.index().first, numbered_entry(0).received);
  EXPECT_EQ(reader.index().last, numbered_entry(999).received);
  EXPECT_EQ(read_all(reader), numbered_entries(0, 1000));
}

TEST_P(Reader, ReadsEntriesLargerThanItsBuffer) {
  auto writer = create();
  const Entry large("h", 1, LogFormat::text, std::string(kMaxEntryBytes - 1, 'x'));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(writer.append(numbered_entry(0)));
    ASSERT_TRUE(writer.append(large));
  }
  ASSERT_TRUE(writer.flush());
  const auto entries = read_all("/1.towl", &layer);
  ASSERT_EQ(entries.size(), 6U);
  EXPECT_EQ(entries[5], large);
  EXPECT_EQ(entries[4], numbered_entry(0));
}

TEST_P(Reader, SeesEntriesThatArriveWhileItReads) {
  auto writer = create();
  auto reader = open();
  for (std::uint64_t i = 0; i < 50; ++i) {
    EXPECT_EQ(*reader.next(), std::nullopt);
    ASSERT_TRUE(writer.append(numbered_entry(i)));
    ASSERT_TRUE(writer.flush());
    const auto entry = reader.next();
    ASSERT_TRUE(entry && *entry);
    EXPECT_EQ(**entry, numbered_entry(i).view());
    EXPECT_EQ(reader.ordinal(), i);
  }
}

// A reader next to a writer may see a write in any state of completion.
TEST_P(Reader, NeverReturnsHalfAnEntry) {
  fill(2);
  const std::string whole = layer.contents("/1.towl");
  fill_third();
  const std::string longer = layer.contents("/1.towl");
  for (std::size_t cut = whole.size(); cut < longer.size(); ++cut) {
    layer.set_contents("/1.towl", longer.substr(0, cut));
    auto reader = open();
    EXPECT_EQ(read_all(reader).size(), 2U) << cut;
    layer.set_contents("/1.towl", longer);
    EXPECT_EQ(read_all(reader), numbered_entries(2, 1)) << "the rest arrived";
  }
}

TEST_P(Reader, SeeksToAnyOrdinal) {
  fill(300);
  auto reader = open();
  for (const Ordinal ordinal : {Ordinal{0}, Ordinal{299}, Ordinal{7}, Ordinal{8}, Ordinal{150}, Ordinal{7}}) {
    ASSERT_TRUE(reader.seek(ordinal));
    const auto entry = reader.next();
    ASSERT_TRUE(entry && *entry);
    EXPECT_EQ(**entry, numbered_entry(ordinal).view());
    EXPECT_EQ(reader.ordinal(), ordinal);
  }
}

TEST_P(Reader, SeekPastTheEndWaitsForTheOrdinal) {
  auto writer = create();
  auto reader = open();
  ASSERT_TRUE(reader.seek(Ordinal{2}));
  for (std::uint64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(*reader.next(), std::nullopt);
    ASSERT_TRUE(writer.append(numbered_entry(i)));
    ASSERT_TRUE(writer.flush());
  }
  EXPECT_EQ(**reader.next(), numbered_entry(2).view());
}

TEST_P(Reader, GoesOnAtAPositionItGave) {
  fill(10);
  auto reader = open();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(*reader.next());
  const Position position = reader.position();
  EXPECT_EQ(read_all(reader).size(), 6U);
  auto other = open();
  other.seek(position);
  EXPECT_EQ(read_all(other), numbered_entries(4, 6));
}

TEST_P(Reader, FiltersByTimeOfReceipt) {
  fill(100);
  auto reader = open({.since = numbered_entry(10).received, .until = numbered_entry(20).received});
  EXPECT_EQ(read_all(reader), numbered_entries(10, 10));
}

TEST_P(Reader, FiltersByTimeEvenWhereEntriesAreOutOfOrder) {
  auto writer = create();
  for (const Timestamp time : {30, 10, 20, 10, 40})
    ASSERT_TRUE(writer.append(EntryView{"h", time, LogFormat::text, ""}));
  ASSERT_TRUE(writer.flush());
  auto reader = open({.until = 20});
  EXPECT_EQ(read_all(reader).size(), 2U);
}

TEST_P(Reader, SkipsToTheEnd) {
  fill(10);
  auto reader = open();
  EXPECT_EQ(*reader.skip_to_end(), (Position{10, layer.contents("/1.towl").size()}));
  EXPECT_EQ(*reader.next(), std::nullopt);
}

TEST_P(Reader, ALengthPastTheEndCostsNoMemory) {
  fill(1);
  std::string bytes = layer.contents("/1.towl");
  std::string claim(8, '\0');
  detail::store_little_endian(claim.data(), std::uint64_t{60} << 20);
  layer.set_contents("/1.towl", bytes + claim);
  EXPECT_EQ(read_all("/1.towl", &layer).size(), 1U);
}

TEST_P(Reader, LimitsTheEntriesItIsToldTo) {
  fill(1);
  auto reader = open({.max_entry_bytes = 3});
  const auto entry = reader.next();
  ASSERT_FALSE(entry);
  EXPECT_EQ(entry.error().code, ErrorCode::entry_too_large);
}

TEST_P(Reader, ReadsOnWithADamagedIndexPage) {
  fill(5);
  std::string bytes = layer.contents("/1.towl");
  bytes.replace(1024, 1024, std::string(1024, '\xFF'));
  layer.set_contents("/1.towl", bytes);
  auto reader = open();
  EXPECT_EQ(reader.index(), Index{});
  EXPECT_EQ(reader.refresh_index().error().code, ErrorCode::corrupt);
  EXPECT_EQ(read_all(reader), numbered_entries(0, 5));
}

TEST_P(Reader, RefusesWhatIsNoTowlFile) {
  EXPECT_EQ(FileReader::open("/none.towl", {.layer = &layer}).error().code, ErrorCode::not_found);
  for (const std::string& bytes : {std::string(), std::string("hello"), std::string(5000, '\0')}) {
    layer.set_contents("/1.towl", bytes);
    const auto reader = FileReader::open("/1.towl", {.layer = &layer});
    ASSERT_FALSE(reader);
    EXPECT_EQ(reader.error().code, ErrorCode::not_a_towl_file);
    EXPECT_EQ(reader.error().file, "/1.towl");
  }
}

TEST_P(Reader, RefusesPagesCutShort) {
  fill(1);
  const std::string bytes = layer.contents("/1.towl");
  for (const std::size_t cut : {9U, 100U, 1023U}) {
    layer.set_contents("/1.towl", bytes.substr(0, cut));
    EXPECT_EQ(FileReader::open("/1.towl", {.layer = &layer}).error().code, ErrorCode::corrupt) << cut;
  }
}

// Else an entry would wait for the one after it: who follows a file is told once that there is more.
TEST(ReaderOfFormat2, FindsAFrameThatWasHalfWrittenWhenItReadAhead) {
  MemoryFileLayer layer;
  auto writer = FileWriter::create("/1.towl", {.file_id = 1}, {.layer = &layer});
  ASSERT_TRUE(writer && writer->append(numbered_entry(0)) && writer->flush());
  const auto begin = static_cast<std::size_t>(writer->written().offset);
  ASSERT_TRUE(writer->append(numbered_entry(1)) && writer->flush());
  const std::string bytes = layer.contents("/1.towl");
  for (const std::size_t written : {std::size_t{0}, detail::v2::kFrameHeaderBytes}) {
    SCOPED_TRACE(written);
    std::string half = bytes.substr(0, begin + written);
    half.resize(bytes.size());
    layer.set_contents("/1.towl", half);
    auto reader = FileReader::open("/1.towl", {.layer = &layer});
    ASSERT_TRUE(reader);
    const auto first = reader->next();
    ASSERT_TRUE(first && *first);
    layer.set_contents("/1.towl", bytes);
    const auto second = reader->next();
    ASSERT_TRUE(second && *second);
    EXPECT_EQ(**second, numbered_entry(1).view());
  }
}

TEST(ReaderOfTheSystem, ReadsARealFile) {
  test::TempFolder folder;
  auto writer = FileWriter::create(folder / "1.towl", {.file_id = 1, .format = FileFormat::v1});
  ASSERT_TRUE(writer);
  for (std::uint64_t i = 0; i < 5000; ++i) ASSERT_TRUE(writer->append(numbered_entry(i)));
  ASSERT_TRUE(writer->close());
  EXPECT_EQ(read_all(folder / "1.towl"), numbered_entries(0, 5000));
}

class ReaderOfFormat1 : public Reader {};  // Format 2 goes on after damage.
INSTANTIATE_TEST_SUITE_P(Format1, ReaderOfFormat1, testing::Values(FileFormat::v1));

TEST_P(ReaderOfFormat1, StopsAtDamageAndNamesThePlace) {
  fill(3);
  std::string bytes = layer.contents("/1.towl");
  const std::size_t second = 2048 + detail::v1::encoded_bytes(numbered_entry(0));
  bytes[second + 7] = 1;  // The top byte of its first length.
  layer.set_contents("/1.towl", bytes);
  Error error;
  EXPECT_EQ(read_all("/1.towl", &layer, &error), numbered_entries(0, 1));
  EXPECT_EQ(error.code, ErrorCode::entry_too_large);
  EXPECT_EQ(error.offset, second);
  EXPECT_EQ(error.ordinal, 1U);
  EXPECT_EQ(error.file, "/1.towl");
}

INSTANTIATE_TEST_SUITE_P(BothFormats, Reader, testing::Values(FileFormat::v1, FileFormat::v2));

}  // namespace
}  // namespace towl
