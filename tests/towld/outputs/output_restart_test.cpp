// After a restart an output goes on where it was, no matter what happened to its cursor.
#include <gmock/gmock.h>

#include <fstream>

#include "outputs/durable_cursor.hpp"
#include "towld/outputs/output_fixture.hpp"

namespace towld {
namespace {

using towl::test::eventually;

std::filesystem::path cursor_of(const std::filesystem::path& folder) { return folder / "cursors" / "o.cursor"; }

void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

TEST_F(OutputTest, AfterARestartItGoesOnWhereItWas) {
  const std::string path = (folder_ / "out").string();
  std::uint64_t stored = 0;
  for (const std::uint64_t count : {10, 0, 95, 1, 250}) {
    // What comes while it is down is not skipped, no matter what `from` says.
    store_numbered(stored, count);
    stored += count;
    auto output = start_file(path, stored == 10 ? ReadFrom::beginning : ReadFrom::end);
    EXPECT_TRUE(has(path, expected(0, stored)));
    store_numbered(stored, 7);
    stored += 7;
    EXPECT_TRUE(has(path, expected(0, stored)));
    output->stop();
    store_.restart();
  }
}

// It was killed before anything came: its place is still known.
TEST_F(OutputTest, ThePlaceWhereItBeganIsKeptAtOnce) {
  const std::string path = (folder_ / "out").string();
  store_numbered(0, 10);
  const auto output = start_file(path, ReadFrom::end);
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(cursor_of(folder_.path())); }));
  const std::string begun = contents(cursor_of(folder_.path()));
  store_numbered(10, 10);
  ASSERT_TRUE(has(path, expected(10, 10)));
  output->stop();
  write_file(cursor_of(folder_.path()), begun);
  std::filesystem::resize_file(path, 0);
  const auto other = start_file(path, ReadFrom::end);
  EXPECT_TRUE(has(path, expected(10, 10)));
}

// Killed between a write and the cursor, or within a write: the file has more than the cursor knows, whole entries and
// a part of one. All of that is written once in the end.
TEST_F(OutputTest, WhatWasWrittenAfterTheCursorIsWrittenOnce) {
  const std::string path = (folder_ / "out").string();
  store_numbered(0, 120);
  {
    const auto output = start_file(path);
    ASSERT_TRUE(has(path, expected(0, 120)));
    output->stop();
  }
  const std::string old_cursor = contents(cursor_of(folder_.path()));
  store_numbered(120, 150);
  {
    const auto output = start_file(path);
    ASSERT_TRUE(has(path, expected(0, 270)));
    output->stop();
  }
  const std::string whole = contents(path);
  const std::size_t committed = expected(0, 120).size();
  for (std::size_t size = committed; size <= whole.size(); size += 1 + (whole.size() - committed) / 50) {
    SCOPED_TRACE(size);
    write_file(path, whole.substr(0, size));
    write_file(cursor_of(folder_.path()), old_cursor);
    const auto output = start_file(path);
    EXPECT_TRUE(has(path, whole));
    output->stop();
  }
}

TEST_F(OutputTest, ACursorThatIsDamagedIsToldOfAndPassedOver) {
  const std::string path = (folder_ / "out").string();
  store_numbered(0, 10);
  {
    const auto output = start_file(path);
    ASSERT_TRUE(has(path, expected(0, 10)));
    output->stop();
  }
  std::string cursor = contents(cursor_of(folder_.path()));
  cursor[cursor.size() / 2] ^= 1;
  for (const std::string& damaged : {cursor, cursor.substr(0, 20), std::string(), std::string(1 << 20, 'x')}) {
    write_file(cursor_of(folder_.path()), damaged);
    const std::string before = contents(path);
    const auto output = start_file(path, ReadFrom::end);
    store_numbered(1000, 5);
    EXPECT_TRUE(has(path, before + expected(1000, 5)));
    output->stop();
  }
}

TEST_F(OutputTest, ACursorOfAnotherStoreIsPassedOver) {
  const std::string path = (folder_ / "out").string();
  store_numbered(0, 10);
  {
    const auto output = start_file(path);
    ASSERT_TRUE(has(path, expected(0, 10)));
    output->stop();
  }
  test::MemoryStore other({.max_entries = 100});
  other.store(towl::test::numbered_entries(500, 20));
  auto context = this->context();
  context.ingest = &other.ingest();
  const auto output = FollowingOutput::start(context, ReadFrom::beginning,
                                             std::make_unique<TextSink>(OutputFormat::text, Target::file(path)));
  ASSERT_TRUE(output) << output.error().to_string();
  EXPECT_TRUE(has(path, expected(0, 10) + expected(500, 20)));
}

TEST_F(OutputTest, AFileThatWasMovedKeepsItsEntriesAndTheNewOneGetsTheRest) {
  const std::string path = (folder_ / "out").string();
  std::string cursor;
  {
    const auto output = start_file(path);
    store_numbered(0, 10);
    ASSERT_TRUE(has(path, expected(0, 10)));
    std::filesystem::rename(path, path + ".1");
    store_numbered(10, 10);
    ASSERT_TRUE(has(path, expected(10, 10)));
    // Before the stop: as it was committed before the first entry came into the new file.
    cursor = contents(cursor_of(folder_.path()));
    output->stop();
  }
  write_file(cursor_of(folder_.path()), cursor);
  store_numbered(20, 10);
  const auto output = start_file(path);
  EXPECT_TRUE(has(path, expected(10, 20)));
  EXPECT_EQ(contents(path + ".1"), expected(0, 10));
}

TEST_F(OutputTest, ACursorThatCannotBeSavedHoldsUpNothing) {
  towl::MemoryFileLayer disk;
  disk.set_capacity(0);
  auto context = this->context();
  context.layer = &disk;
  const std::string path = (folder_ / "out").string();
  auto output = FollowingOutput::start(context, ReadFrom::beginning,
                                       std::make_unique<TextSink>(OutputFormat::text, Target::file(path)));
  ASSERT_TRUE(output) << output.error().to_string();
  store_numbered(0, 10);
  EXPECT_TRUE(has(path, expected(0, 10)));
  EXPECT_TRUE(eventually([&] { return (*output)->status().error.find("space") != std::string::npos; }));
  disk.set_capacity(1 << 20);
  EXPECT_TRUE(eventually([&] { return (*output)->status().error.empty(); }));
  (*output)->stop();
  const auto saved = DurableCursor(context.cursor_folder, context.name, disk).load();
  ASSERT_TRUE(saved && *saved);
  EXPECT_EQ((*saved)->ordinal, 10u);
}

}  // namespace
}  // namespace towld
