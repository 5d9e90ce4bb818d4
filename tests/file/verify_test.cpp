#include <gtest/gtest.h>

#include "support/stores.hpp"
#include "towl/file_writer.hpp"
#include "towl/memory_file_layer.hpp"
#include "towl/recover.hpp"
#include "v1/pages.hpp"

namespace towl {
namespace {

using test::numbered_entries;
using test::views;

class Verify : public testing::Test {
 protected:
  void SetUp() override {
    auto writer =
        FileWriter::create("/1.towl", {.file_id = 1, .opened = 5, .format = FileFormat::v1}, {.layer = &layer});
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->append(views(numbered_entries(0, 3))));
    ASSERT_TRUE(writer->close(9));
    good = layer.contents("/1.towl");
  }
  VerifyReport run(const std::string& bytes) {
    layer.set_contents("/1.towl", bytes);
    auto report = verify("/1.towl", {.layer = &layer});
    EXPECT_TRUE(report);
    return report.value_or(VerifyReport{});
  }
  std::string with_index(const Index& index) {
    return std::string(good).replace(1024, 1024, *detail::v1::encode_index_page(index));
  }
  MemoryFileLayer layer;
  std::string good;
};

TEST_F(Verify, FindsNothingInAWholeFile) {
  const auto report = run(good);
  EXPECT_TRUE(report.whole());
  EXPECT_EQ(report.count, 3U);
  EXPECT_EQ(report.data_end, good.size());
}

TEST_F(Verify, FindsATornTail) {
  const auto report = run(good + "xy");
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].offset, good.size());
  EXPECT_EQ(report.findings[0].ordinal, 3U);
}

TEST_F(Verify, FindsEveryTruncationOfAClosedFile) {
  for (std::size_t cut = 1024; cut < good.size(); ++cut) {
    EXPECT_FALSE(run(good.substr(0, cut)).whole()) << cut;
  }
}

TEST_F(Verify, FindsBytesBehindThePagesValues) {
  std::string bytes = good;
  bytes[1000] = 'x';
  EXPECT_EQ(run(bytes).findings.at(0).offset, 1000U);
  bytes = good;
  bytes[2000] = 'x';
  EXPECT_EQ(run(bytes).findings.at(0).offset, 2000U);
}

TEST_F(Verify, FindsAClosedIndexThatDisagrees) {
  const auto entries = numbered_entries(0, 3);
  const Index right{5, 9, 3, entries[0].received, entries[2].received};
  EXPECT_TRUE(run(with_index(right)).whole());
  Index wrong = right;
  wrong.count = 4;
  EXPECT_FALSE(run(with_index(wrong)).whole());
  wrong = right;
  wrong.first = 1;
  EXPECT_FALSE(run(with_index(wrong)).whole());
  wrong = right;
  wrong.last = 1;
  EXPECT_FALSE(run(with_index(wrong)).whole());
  wrong.closed.reset();
  EXPECT_TRUE(run(with_index(wrong)).whole()) << "an open file's index may lag behind";
}

TEST_F(Verify, FindsADamagedPage) {
  EXPECT_FALSE(run(std::string(good).replace(1024, 1024, std::string(1024, '\xFF'))).whole());
  std::string bytes = good;
  bytes[13 + 7] = '\xFF';  // The top byte of the length of `org`.
  EXPECT_FALSE(run(bytes).whole());
}

TEST_F(Verify, CannotCheckWhatIsNoTowlFile) {
  layer.set_contents("/1.towl", "hello");
  EXPECT_EQ(verify("/1.towl", {.layer = &layer}).error().code, ErrorCode::not_a_towl_file);
  EXPECT_EQ(verify("/2.towl", {.layer = &layer}).error().code, ErrorCode::not_found);
}

TEST_F(Verify, ChangesNothing) {
  run(good + "torn");
  EXPECT_EQ(layer.contents("/1.towl"), good + "torn");
}

}  // namespace
}  // namespace towl
