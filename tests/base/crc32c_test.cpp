#include "crc32c.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace towl::detail {
namespace {

// RFC 3720, appendix B.4, and the customary check value.
TEST(Crc32c, KnownAnswers) {
  EXPECT_EQ(crc32c(""), 0U);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
}

TEST(Crc32c, InstructionAndTableAgreeAtEveryLength) {
  std::mt19937 random(20260117);
  std::string bytes;
  for (int length = 0; length < 100; ++length) {
    EXPECT_EQ(crc32c(bytes, 7), crc32c_by_table(bytes, 7)) << length;
    bytes.push_back(static_cast<char>(random()));
  }
}

TEST(Crc32c, InstructionAndTableAgreeOnLongBytes) {
  std::mt19937 random(20261130);
  std::string bytes;
  for (int i = 0; i < 20'000; ++i) bytes.push_back(static_cast<char>(random()));
  for (std::size_t length = 3'000; length < bytes.size(); length += 1 + random() % 200) {
    const std::string_view some = std::string_view(bytes).substr(bytes.size() - length);
    ASSERT_EQ(crc32c(some, 7), crc32c_by_table(some, 7)) << length;
  }
}

TEST(Crc32c, OfTwoPartsIsThatOfTheWhole) {
  const std::string whole = "the quick brown fox jumps over the lazy dog";
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    EXPECT_EQ(crc32c(whole.substr(cut), crc32c(whole.substr(0, cut))), crc32c(whole));
  }
}

}  // namespace
}  // namespace towl::detail
