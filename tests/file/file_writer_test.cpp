#include "towl/file_writer.hpp"

#include <gtest/gtest.h>

#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towl/memory_file_layer.hpp"
#include "towl/recover.hpp"

namespace towl {
namespace {

using test::numbered_entries;
using test::numbered_entry;
using test::read_all;
using test::views;

class Writer : public testing::TestWithParam<FileFormat> {
 protected:
  FileWriter create(WriteOptions options = {}) {
    options.layer = &layer;
    auto writer = FileWriter::create("/1.towl", {.file_id = 1, .opened = 5, .format = GetParam()}, options);
    EXPECT_TRUE(writer);
    return std::move(*writer);
  }
  FileWriter reopen() {
    auto writer = FileWriter::open("/1.towl", {.layer = &layer});
    EXPECT_TRUE(writer);
    return std::move(*writer);
  }
  MemoryFileLayer layer;
};

TEST_P(Writer, GivesOrdinalsFromZero) {
  auto writer = create();
  EXPECT_EQ(writer.append(numbered_entry(0)), 0U);
  EXPECT_EQ(writer.append(views(numbered_entries(1, 10))), 1U);
  EXPECT_EQ(writer.append(numbered_entry(11)), 11U);
  EXPECT_EQ(writer.appended().ordinal, 12U);
  EXPECT_EQ(writer.written().ordinal, 0U);
  ASSERT_TRUE(writer.flush());
  EXPECT_EQ(writer.written(), writer.appended());
  EXPECT_EQ(writer.durable().ordinal, 0U);
  ASSERT_TRUE(writer.sync());
  EXPECT_EQ(writer.durable(), writer.written());
  EXPECT_EQ(read_all("/1.towl", &layer), numbered_entries(0, 12));
}

TEST_P(Writer, AppendsToAFileThatIsThere) {
  {
    auto writer = create();
    ASSERT_TRUE(writer.append(views(numbered_entries(0, 5))));
    ASSERT_TRUE(writer.close(9));
  }
  auto writer = reopen();
  EXPECT_EQ(writer.index().closed, std::nullopt);
  EXPECT_EQ(writer.append(numbered_entry(5)), 5U);
  ASSERT_TRUE(writer.close(10));
  EXPECT_EQ(read_all("/1.towl", &layer), numbered_entries(0, 6));
  const Index index = FileReader::open("/1.towl", {.layer = &layer})->index();
  EXPECT_EQ(index.opened, 5);
  EXPECT_EQ(index.closed, 10);
  EXPECT_EQ(index.count, 6U);
  EXPECT_EQ(index.first, numbered_entry(0).received);
  EXPECT_EQ(index.last, numbered_entry(5).received);
}

TEST_P(Writer, FlushesWhenItGoes) {
  {
    auto writer = create();
    ASSERT_TRUE(writer.append(numbered_entry(0)));
  }
  EXPECT_EQ(read_all("/1.towl", &layer).size(), 1U);
}

TEST_P(Writer, NeverReplacesAFile) {
  create();
  const auto second = FileWriter::create("/1.towl", {.file_id = 1, .format = GetParam()}, {.layer = &layer});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::already_exists);
}

TEST_P(Writer, RefusesATitleThatDoesNotFitThePage) {
  const auto writer =
      FileWriter::create("/1.towl", {.title = std::string(1000, 't'), .format = GetParam()}, {.layer = &layer});
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().code, ErrorCode::invalid_argument);
  EXPECT_FALSE(layer.exists("/1.towl"));
}

TEST_P(Writer, RefusesAnEntryOverTheLimitAndItsWholeBatch) {
  auto writer = create({.max_entry_bytes = 10});
  const EntryView good{"12345", 0, LogFormat::text, "12345"};
  const EntryView bad{"12345", 0, LogFormat::text, "123456"};
  const EntryView batch[] = {good, bad};
  EXPECT_EQ(writer.append(good), 0U);
  const auto refused = writer.append(batch);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::entry_too_large);
  EXPECT_EQ(writer.append(good), 1U);
  ASSERT_TRUE(writer.flush());
  EXPECT_EQ(read_all("/1.towl", &layer).size(), 2U);
}

TEST_P(Writer, TakesNothingOnceClosed) {
  auto writer = create();
  ASSERT_TRUE(writer.close());
  EXPECT_EQ(writer.append(numbered_entry(0)).error().code, ErrorCode::closed);
  EXPECT_EQ(writer.flush().error().code, ErrorCode::closed);
  EXPECT_EQ(writer.close().error().code, ErrorCode::closed);
}

TEST_P(Writer, DiscardsWhatWasNotFlushed) {
  auto writer = create();
  ASSERT_TRUE(writer.append(numbered_entry(0)));
  ASSERT_TRUE(writer.flush());
  ASSERT_TRUE(writer.append(views(numbered_entries(100, 5))));
  writer.discard();
  EXPECT_EQ(writer.append(numbered_entry(1)), 1U);
  ASSERT_TRUE(writer.close(9));
  EXPECT_EQ(read_all("/1.towl", &layer), numbered_entries(0, 2));
  EXPECT_EQ(FileReader::open("/1.towl", {.layer = &layer})->index().last, numbered_entry(1).received);
}

TEST_P(Writer, GoesOnWhenThereIsRoomAgain) {
  auto writer = create();
  ASSERT_TRUE(writer.append(views(numbered_entries(0, 10))));
  ASSERT_TRUE(writer.flush());
  const std::uint64_t full = writer.written().offset + 100;
  layer.set_capacity(full);
  ASSERT_TRUE(writer.append(views(numbered_entries(10, 10))));
  for (int i = 0; i < 3; ++i) {
    const auto flushed = writer.flush();
    ASSERT_FALSE(flushed);
    EXPECT_EQ(flushed.error().code, ErrorCode::no_space);
    EXPECT_EQ(read_all("/1.towl", &layer), numbered_entries(0, 10));
  }
  layer.set_capacity(1 << 20);
  ASSERT_TRUE(writer.flush());
  EXPECT_EQ(read_all("/1.towl", &layer), numbered_entries(0, 20));
}

// No matter which call fails, a failed flush leaves what was there, and a later one succeeds.
TEST_P(Writer, AFailedFlushLeavesTheFileAsItWas) {
  for (std::uint64_t at = 0; at < 2; ++at) {  // reserve, write
    SCOPED_TRACE(at);
    MemoryFileLayer disk;
    auto writer = FileWriter::create("/1.towl", {.file_id = 1, .format = GetParam()}, {.layer = &disk});
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->append(views(numbered_entries(0, 20))));
    disk.fail_at(disk.operations() + at, ErrorCode::io);
    EXPECT_EQ(writer->flush().error().code, ErrorCode::io);
    EXPECT_EQ(disk.contents("/1.towl").size(), writer->written().offset);
    ASSERT_TRUE(writer->flush());
    EXPECT_EQ(read_all("/1.towl", &disk), numbered_entries(0, 20));
  }
}

TEST_P(Writer, AFailedAppendKeepsWhatWasAppendedBefore) {
  auto writer = create({.buffer_bytes = 1000});
  ASSERT_TRUE(writer.append(views(numbered_entries(0, 3))));
  layer.set_capacity(2048);
  EXPECT_EQ(writer.append(views(numbered_entries(3, 50))).error().code, ErrorCode::no_space);
  layer.set_capacity(1 << 20);
  EXPECT_EQ(writer.append(numbered_entry(3)), 3U);
  ASSERT_TRUE(writer.flush());
  EXPECT_EQ(read_all("/1.towl", &layer), numbered_entries(0, 4));
}

TEST_P(Writer, FlushesByItselfBeforeItsBufferIsTooFull) {
  auto writer = create({.buffer_bytes = 1000});
  while (writer.written().ordinal == 0) ASSERT_TRUE(writer.append(numbered_entry(writer.appended().ordinal)));
  EXPECT_EQ(writer.written().ordinal, writer.appended().ordinal - 1);
  EXPECT_EQ(read_all("/1.towl", &layer).size(), writer.written().ordinal);
}

TEST(WriterOfFormat2, CompressesWhereThatIsAsked) {
  std::uint64_t bytes[2] = {};
  for (const bool compress : {false, true}) {
    MemoryFileLayer disk;
    auto writer = FileWriter::create("/1.towl", {.file_id = 1}, {.layer = &disk, .compress = compress});
    ASSERT_TRUE(writer && writer->append(views(numbered_entries(0, 2000))) && writer->flush());
    bytes[compress ? 1 : 0] = writer->written().offset;
    EXPECT_EQ(read_all("/1.towl", &disk), numbered_entries(0, 2000));
  }
  EXPECT_LT(bytes[1], bytes[0] * 3 / 4);
}

// P2: the kernel forgets failed pages, so that a second sync would lie.
TEST_P(Writer, AFailedSyncIsFinal) {
  auto writer = create({.keep_unsynced = true});
  ASSERT_TRUE(writer.append(views(numbered_entries(0, 5))));
  ASSERT_TRUE(writer.sync());
  ASSERT_TRUE(writer.append(views(numbered_entries(5, 5))));
  ASSERT_TRUE(writer.flush());
  layer.fail_at(layer.operations(), ErrorCode::io);
  EXPECT_EQ(writer.sync().error().code, ErrorCode::io);
  EXPECT_EQ(writer.sync().error().code, ErrorCode::closed);
  EXPECT_EQ(writer.append(numbered_entry(5)).error().code, ErrorCode::closed);
  EXPECT_EQ(writer.durable().ordinal, 5U);
  std::vector<Entry> in_doubt;
  ASSERT_TRUE(writer.visit_unsynced(
      [&](const EntryView& entry) -> Result<void> {
        in_doubt.emplace_back(entry);
        return {};
      },
      [](std::uint64_t) -> Result<void> { return {}; }));
  EXPECT_EQ(in_doubt, numbered_entries(5, 5));
  ASSERT_TRUE(writer.abandon(9));
  EXPECT_EQ(read_all("/1.towl", &layer), numbered_entries(0, 5));
  EXPECT_TRUE(verify("/1.towl", {.layer = &layer})->whole());
}

TEST_P(Writer, RewritesTheIndexAtMostOnceASecond) {
  Timestamp time = 0;
  auto writer = create({.clock = [&] { return time; }});
  const auto stored_count = [&] { return FileReader::open("/1.towl", {.layer = &layer})->index().count; };
  ASSERT_TRUE(writer.append(numbered_entry(0)));
  ASSERT_TRUE(writer.sync());
  EXPECT_EQ(stored_count(), 1U);
  ASSERT_TRUE(writer.append(numbered_entry(1)));
  ASSERT_TRUE(writer.sync());
  EXPECT_EQ(stored_count(), 1U);
  time += kNanosecondsPerSecond;
  ASSERT_TRUE(writer.append(numbered_entry(2)));
  ASSERT_TRUE(writer.sync());
  EXPECT_EQ(stored_count(), 3U);
  time -= 100 * kNanosecondsPerSecond;
  ASSERT_TRUE(writer.append(numbered_entry(3)));
  ASSERT_TRUE(writer.sync());
  EXPECT_EQ(stored_count(), 4U) << "a clock set back";
}

TEST(WriterOfTheSystem, SaysWhyAFileCannotBeCreated) {
  test::TempFolder folder;
  const auto writer = FileWriter::create(folder / "none/1.towl", {.file_id = 1, .format = FileFormat::v1});
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().code, ErrorCode::not_found);
  EXPECT_NE(writer.error().to_string().find("none/1.towl"), std::string::npos);
}

TEST(WriterOfTheSystem, GivesReservedSpaceBack) {
  test::TempFolder folder;
  auto writer = FileWriter::create(folder / "1.towl", {.file_id = 1, .format = FileFormat::v1});
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->append(numbered_entry(0)));
  ASSERT_TRUE(writer->close());
  EXPECT_EQ(std::filesystem::file_size(folder / "1.towl"), writer->written().offset);
}

INSTANTIATE_TEST_SUITE_P(BothFormats, Writer, testing::Values(FileFormat::v1, FileFormat::v2));

}  // namespace
}  // namespace towl
