#include "filenames.hpp"

#include <gtest/gtest.h>

namespace towl::detail {
namespace {

TEST(FileNames, AreTheIdInDecimal) {
  EXPECT_EQ(file_name(0), "0.towl");
  EXPECT_EQ(file_name(~FileId{0}), "18446744073709551615.towl");
  EXPECT_EQ(parse_file_name("47.towl"), 47U);
  EXPECT_EQ(parse_file_name("4611686018427387904.towl"), kMaxFileId);
}

TEST(FileNames, NothingElseIsTaken) {
  for (const std::string_view name :
       {"", ".towl", "007.towl", "-1.towl", "+1.towl", " 1.towl", "1.towl ", "1.TOWL", "1.towl.torn", "x.towl",
        "1x.towl", "18446744073709551616.towl", "../1.towl", "4611686018427387905.towl", "18446744073709551614.towl"}) {
    EXPECT_EQ(parse_file_name(name), std::nullopt) << name;
  }
}

TEST(FileNames, NumbersThatAreNoIdAreForeign) {
  EXPECT_TRUE(is_foreign_file_name("18446744073709551614.towl"));
  EXPECT_TRUE(is_foreign_file_name("007.towl"));
  EXPECT_FALSE(is_foreign_file_name("7.towl"));
  EXPECT_FALSE(is_foreign_file_name("notes.towl"));
  EXPECT_FALSE(is_foreign_file_name(".towl"));
}

TEST(FileNames, LeftoversKeepTheirId) {
  EXPECT_EQ(parse_any_file_name("9.towl.torn"), 9U);
  EXPECT_EQ(parse_any_file_name("9.towl.torn.1"), 9U);
  EXPECT_EQ(parse_any_file_name("9.towl"), 9U);
  EXPECT_EQ(parse_any_file_name("9.towlx"), std::nullopt);
  EXPECT_TRUE(is_unfinished("9.towl.new"));
  EXPECT_TRUE(is_unfinished("9.towl.torn.new"));
  EXPECT_FALSE(is_unfinished("notes.new"));
}

}  // namespace
}  // namespace towl::detail
