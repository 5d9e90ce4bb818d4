#include "towl/quantity.hpp"

#include <gtest/gtest.h>

namespace towl {
namespace {

TEST(Duration, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(parse_duration("5s"), 5'000'000'000);
  EXPECT_EQ(parse_duration("5"), 5'000'000'000);
  EXPECT_EQ(parse_duration("1h 30min"), 5'400'000'000'000);
  EXPECT_EQ(parse_duration("1h30m"), 5'400'000'000'000);
  EXPECT_EQ(parse_duration(" 250 ms "), 250'000'000);
  EXPECT_EQ(parse_duration("30d"), 30 * 86'400'000'000'000);
  EXPECT_EQ(parse_duration("0s"), 0);
}

TEST(Duration, NonsenseAndOverflowAreRefused) {
  for (const char* text : {"", " ", "s", "5x", "-5s", "1.5h", "106752d", "99999999999999999999s", "h1"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  EXPECT_EQ(parse_duration("106751d"), 106'751 * 86'400'000'000'000);
}

TEST(Size, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(parse_bytes("64MiB"), 64u << 20);
  EXPECT_EQ(parse_bytes("64M"), 64u << 20);
  EXPECT_EQ(parse_bytes("64 MB"), 64'000'000u);
  EXPECT_EQ(parse_bytes("1k"), 1024u);
  EXPECT_EQ(parse_bytes("17"), 17u);
  EXPECT_EQ(parse_bytes("100GiB"), std::uint64_t{100} << 30);
}

TEST(Size, NonsenseAndOverflowAreRefused) {
  for (const char* text : {"", "MiB", "-1", "1.5G", "1Q", "1K 5", "16384PiB", "18446744073709551616"}) {
    EXPECT_FALSE(parse_bytes(text)) << text;
  }
  EXPECT_EQ(parse_bytes("18446744073709551615"), ~std::uint64_t{0});
}

TEST(Quantities, ArePrintedSoThatTheyReadBack) {
  for (const std::int64_t value : {0ll, 1ll, 90'000'000'000ll, 86'400'000'000'000ll, 1'234'567ll}) {
    EXPECT_EQ(parse_duration(format_duration(value)), value);
  }
  EXPECT_EQ(format_duration(86'400'000'000'000), "1d");
  EXPECT_EQ(format_duration(90'000'000'000), "90s");
  for (const std::uint64_t value : {0ull, 1ull, 1000ull, 1ull << 20, 3ull << 40, ~0ull}) {
    EXPECT_EQ(parse_bytes(format_exact_bytes(value)), value);
  }
  EXPECT_EQ(format_exact_bytes(256 << 20), "256MiB");
}

}  // namespace
}  // namespace towl
