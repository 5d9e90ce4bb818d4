#include "towl/recover.hpp"

#include <gtest/gtest.h>

#include "support/stores.hpp"
#include "towl/file_writer.hpp"
#include "towl/memory_file_layer.hpp"
#include "v1/entry_codec.hpp"
#include "v1/pages.hpp"

namespace towl {
namespace {

using test::numbered_entries;
using test::numbered_entry;
using test::read_all;
using test::views;

class Recovery : public testing::Test {
 protected:
  // A file of three entries that was not closed.
  void SetUp() override {
    auto writer =
        FileWriter::create("/1.towl", {.file_id = 1, .opened = 5, .format = FileFormat::v1}, {.layer = &layer});
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->append(views(numbered_entries(0, 3))));
    ASSERT_TRUE(writer->sync());
    for (std::uint64_t i = 0; i <= 3; ++i) {
      std::string bytes;
      for (const auto& entry : numbered_entries(0, i)) detail::v1::encode_entry(entry, bytes);
      ends.push_back(2048 + bytes.size());
    }
    good = layer.contents("/1.towl");
  }
  Result<RecoverReport> run(const std::string& bytes) {
    layer.set_contents("/1.towl", bytes);
    return recover("/1.towl", {.layer = &layer});
  }
  MemoryFileLayer layer;
  std::string good;
  std::vector<std::size_t> ends;  // Where the file of 0, 1, 2 and 3 entries ends.
};

// A crash may cut the file anywhere: every cut keeps all whole entries, and only those.
TEST_F(Recovery, EveryTruncationKeepsTheWholePrefix) {
  for (std::size_t cut = 2048; cut <= good.size(); ++cut) {
    SCOPED_TRACE(cut);
    const auto report = run(good.substr(0, cut));
    ASSERT_TRUE(report);
    std::uint64_t whole = 0;
    while (whole < 3 && ends[whole + 1] <= cut) ++whole;
    EXPECT_EQ(read_all("/1.towl", &layer), numbered_entries(0, whole));
    EXPECT_EQ(report->index.count, whole);
    EXPECT_EQ(report->data_end, ends[whole]);
    EXPECT_EQ(report->torn_bytes, cut - ends[whole]);
    EXPECT_EQ(FileReader::open("/1.towl", {.layer = &layer})->index(), report->index);
    if (report->torn_bytes > 0) {
      EXPECT_EQ(layer.contents(report->torn_file), good.substr(ends[whole], cut - ends[whole]));
    }
    EXPECT_TRUE(verify("/1.towl", {.layer = &layer})->whole());
  }
}

TEST_F(Recovery, SavesWhateverFollowsTheLastWholeEntry) {
  for (const std::string& tail :
       {std::string(5000, '\0'), std::string(5000, '\xFF'), std::string("x"), good.substr(2049)}) {
    const auto report = run(good + tail);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->torn_bytes, tail.size());
    EXPECT_EQ(layer.contents(report->torn_file), tail);
    EXPECT_EQ(layer.contents("/1.towl").size(), good.size());
    EXPECT_FALSE(report->reason.empty());
  }
  EXPECT_TRUE(layer.exists("/1.towl.torn")) << "the first";
  EXPECT_TRUE(layer.exists("/1.towl.torn.3")) << "the fourth";
}

TEST_F(Recovery, LeavesAWholeFileAlone) {
  const auto report = run(good);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->torn_bytes, 0U);
  EXPECT_FALSE(report->index_rewritten);
  EXPECT_EQ(layer.contents("/1.towl"), good);
}

TEST_F(Recovery, RewritesAnIndexThatIsWrongOrDamaged) {
  const Index right{5, {}, 3, numbered_entry(0).received, numbered_entry(2).received};
  for (const std::string& page :
       {*detail::v1::encode_index_page({5, {}, 99, {}, {}}), *detail::v1::encode_index_page({5, 7, 2, {}, {}})}) {
    const auto report = run(std::string(good).replace(1024, 1024, page));
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->index_rewritten);
    EXPECT_EQ(report->index, right);
  }
  const auto report = run(std::string(good).replace(1024, 1024, std::string(1024, '\xFF')));
  ASSERT_TRUE(report);
  Index damaged = right;
  damaged.opened = numbered_entry(0).received;
  EXPECT_EQ(report->index, damaged) << "`opened` is lost: the first entry's time is the best guess";
}

TEST_F(Recovery, KeepsAClosedFileClosed) {
  const Index closed{5, 7, 3, numbered_entry(0).received, numbered_entry(2).received};
  const auto report = run(std::string(good).replace(1024, 1024, *detail::v1::encode_index_page(closed)));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->index.closed, 7);
  EXPECT_FALSE(report->index_rewritten);
}

TEST_F(Recovery, AcceptsOlderWritersThatLeaveLastEmpty) {
  const Index older{5, {}, 1, numbered_entry(0).received, {}};
  const auto report =
      run(std::string(good.substr(0, ends[1])).replace(1024, 1024, *detail::v1::encode_index_page(older)));
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->index_rewritten);
}

TEST_F(Recovery, TouchesNothingItDoesNotUnderstand) {
  std::string other = good;
  other[9] = 2;
  EXPECT_EQ(run(other).error().code, ErrorCode::unsupported_version);
  EXPECT_EQ(layer.contents("/1.towl"), other);
  EXPECT_EQ(run("hello").error().code, ErrorCode::not_a_towl_file);
  EXPECT_EQ(layer.contents("/1.towl"), "hello");
}

// No matter which call fails, and which part of it reached the disk: the next recovery finds the same entries.
TEST_F(Recovery, MayBeInterruptedAtEveryCall) {
  const std::string torn = good + "half an entry";
  for (std::uint64_t call = 0;; ++call) {
    SCOPED_TRACE(call);
    MemoryFileLayer disk;
    disk.set_contents("/1.towl", torn);
    disk.stop_at(disk.operations() + call);
    const bool finished = recover("/1.towl", {.layer = &disk}).has_value();
    disk.cut_power(call % 2 == 0 ? PowerCut::keep_synced : PowerCut::keep_random, call);
    ASSERT_TRUE(recover("/1.towl", {.layer = &disk}));
    EXPECT_EQ(read_all("/1.towl", &disk), numbered_entries(0, 3));
    EXPECT_EQ(disk.contents("/1.towl.torn"), "half an entry");
    if (finished) break;
  }
}

}  // namespace
}  // namespace towl
