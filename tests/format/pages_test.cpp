#include "v1/pages.hpp"

#include <gtest/gtest.h>

#include <string>

#include "bytes.hpp"

namespace towl::detail::v1 {
namespace {

using std::string_literals::operator""s;

TEST(HeaderPage, HasTheBytesOfTheSpecification) {
  const auto page = encode_header_page({1, "acme", "syslog", 3});
  ASSERT_TRUE(page);
  std::string expected =
      "towlfile*"
      "\x01\0\0\0"
      "\x04\0\0\0\0\0\0\0"
      "acme"
      "\x06\0\0\0\0\0\0\0"
      "syslog"
      "\x03\0\0\0\0\0\0\0"s;
  expected.resize(kPageBytes);
  EXPECT_EQ(*page, expected);
  EXPECT_EQ(decode_header_page(*page), (Header{1, "acme", "syslog", 3}));
}

TEST(HeaderPage, MustFit) {
  const std::size_t room = kPageBytes - 9 - 4 - 8 - 8 - 8;
  EXPECT_TRUE(encode_header_page({1, "", std::string(room, 't'), 1}));
  const auto over = encode_header_page({1, "o", std::string(room, 't'), 1});
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, ErrorCode::invalid_argument);
}

TEST(HeaderPage, TellsForeignFilesFromOtherVersionsFromDamage) {
  const std::string good = *encode_header_page({1, "org", "title", 3});
  const auto code = [](const std::string& page) { return decode_header_page(page).error().code; };
  EXPECT_EQ(code(""), ErrorCode::not_a_towl_file);
  EXPECT_EQ(code("towlfile"), ErrorCode::not_a_towl_file);
  EXPECT_EQ(code(std::string(kPageBytes, '\0')), ErrorCode::not_a_towl_file);
  EXPECT_EQ(code("#!/bin/sh\n" + good), ErrorCode::not_a_towl_file);
  EXPECT_EQ(code(good.substr(0, 500)), ErrorCode::corrupt);
  std::string other = good;
  store_little_endian(other.data() + 9, std::int32_t{2});
  EXPECT_EQ(code(other), ErrorCode::unsupported_version);
  std::string damaged = good;
  store_little_endian(damaged.data() + 13, std::uint64_t{1} << 40);
  EXPECT_EQ(code(damaged), ErrorCode::corrupt);
  store_little_endian(damaged.data() + 13, std::uint64_t{1020});
  EXPECT_EQ(code(damaged), ErrorCode::corrupt);
}

TEST(IndexPage, HasTheBytesOfTheSpecification) {
  const Index index{.opened = 0, .closed = {}, .count = 2, .first = 1'000'000, .last = 1'000'000'000};
  const auto page = encode_index_page(index);
  ASSERT_TRUE(page);
  std::string expected =
      "\x14\0\0\0\0\0\0\0"
      "1970-01-01T00:00:00Z"
      "\0"
      "\x02\0\0\0\0\0\0\0"
      "\x01\x18\0\0\0\0\0\0\0"
      "1970-01-01T00:00:00.001Z"
      "\x01\x14\0\0\0\0\0\0\0"
      "1970-01-01T00:00:01Z"s;
  expected.resize(kPageBytes);
  EXPECT_EQ(*page, expected);
  EXPECT_EQ(decode_index_page(*page), index);
}

TEST(IndexPage, RefusesOptionalsThatAreNeitherThereNorNot) {
  std::string page = *encode_index_page({.opened = 0, .closed = {}, .count = 0, .first = {}, .last = {}});
  ASSERT_TRUE(decode_index_page(page));
  const std::size_t closed_at = 28;
  for (int byte = 2; byte < 256; ++byte) {
    page[closed_at] = static_cast<char>(byte);
    ASSERT_FALSE(decode_index_page(page)) << byte;
    EXPECT_EQ(decode_index_page(page).error().code, ErrorCode::corrupt);
  }
}

TEST(IndexPage, RefusesInvalidTimes) {
  std::string page = *encode_index_page({.opened = 0, .closed = {}, .count = 0, .first = {}, .last = {}});
  page[8] = 'x';
  ASSERT_FALSE(decode_index_page(page));
  EXPECT_EQ(decode_index_page(page).error().offset, kIndexOffset);
}

TEST(Pages, FindBytesBehindTheirValues) {
  std::string header = *encode_header_page({1, "o", "t", 1});
  EXPECT_EQ(header_padding_error(header), std::nullopt);
  header.back() = 1;
  EXPECT_EQ(header_padding_error(header), kPageBytes - 1);
  std::string index = *encode_index_page({.opened = 0, .closed = 5, .count = 0, .first = {}, .last = {}});
  EXPECT_EQ(index_padding_error(index), std::nullopt);
  index[100] = 'x';
  EXPECT_EQ(index_padding_error(index), 100U);
}

}  // namespace
}  // namespace towl::detail::v1
