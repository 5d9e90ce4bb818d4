// Tables of files; that they are what each entry makes is in sealed_search_test.cpp.
#include "towl/query/table_search.hpp"

#include <gtest/gtest.h>

#include <string>

#include "support/temp_folder.hpp"
#include "towl/file_writer.hpp"
#include "towl/query/table_json.hpp"

namespace towl {
namespace {

// A search's counters have room for 131,072 groups each.
TEST(TableSearch, MoreGroupsThanThreadsCountAreCountedOneByOne) {
  const test::TempFolder folder;
  auto writer = FileWriter::create(folder / "1.towl", {.file_id = 1});
  ASSERT_TRUE(writer);
  constexpr std::size_t kSenders = 140'000;
  for (std::size_t i = 0; i < kSenders; ++i) {
    ASSERT_TRUE(writer->append(Entry("host-" + std::to_string(i), static_cast<Timestamp>(i), LogFormat::text, "up")));
  }
  ASSERT_TRUE(writer->close());
  const auto query = parse_query("* | stats by (sender) count() as n | stats count() as hosts, max(n) as most", 0);
  ASSERT_TRUE(query);
  for (const unsigned threads : {1U, 2U}) {
    const auto made = search_table({{.path = folder / "1.towl"}}, *query, {.max_bytes = std::size_t{1} << 30},
                                   {.threads = threads}, {});
    ASSERT_TRUE(made) << made.error().to_string();
    ASSERT_EQ(made->table.rows.size(), 1U);
    EXPECT_EQ(to_json(made->table.rows.front()), R"({"hosts":140000,"most":"1"})");
    const auto refused =
        search_table({{.path = folder / "1.towl"}}, *query, {.max_bytes = 1 << 20}, {.threads = threads}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::no_space);
  }
}

}  // namespace
}  // namespace towl
