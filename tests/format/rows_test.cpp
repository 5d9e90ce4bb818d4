// Rows: what an entry costs, and that every entry comes back.
#include "v2/rows.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

namespace towl::detail::v2 {
namespace {

using std::string_literals::operator""s;

constexpr Timestamp kLeast = std::numeric_limits<Timestamp>::min();
constexpr Timestamp kMost = std::numeric_limits<Timestamp>::max();

std::string encode(const std::vector<Entry>& entries) {
  RowEncoder encoder;
  std::string rows;
  for (const Entry& entry : entries) encoder.encode(entry, rows);
  return rows;
}

std::vector<Entry> decode(const std::string& rows) {
  // Texts that share fronts are longer than their rows.
  std::vector<char> texts(rows.size() + (std::size_t{1} << 20));
  RowDecoder decoder(rows, texts);
  std::vector<Entry> entries;
  for (EntryView entry; !decoder.done() && decoder.next(entry);) entries.emplace_back(entry);
  EXPECT_TRUE(decoder.done());
  return entries;
}

Entry happened(Timestamp received, Timestamp time, std::string sender = "h", std::string text = "x") {
  return {std::move(sender), received, LogFormat::text, std::move(text), time_offset_of(received, time)};
}

TEST(Rows, HaveTheBytesOfTheSpecification) {
  EXPECT_EQ(encode({{"h", 1, LogFormat::text, "ab"}, {"h", 3, LogFormat{7}, "ac"}}),
            "\x02\x04h\x00\x04"
            "ab"
            "\x04\x00\x01\x03\x07\0\0\0"
            "c"s);
}

// A time of its own is a bit with the sender's length, and a varint.
TEST(Rows, OnlyAnEntryWithATimeOfItsOwnHasOne) {
  EXPECT_EQ(encode({happened(5, 5), happened(5, 3), happened(5, 5), happened(5, 4)}),
            "\x0A\x04h\x00\x02x"
            "\x00\x01\x03\x01\x00"
            "\x00\x00\x01\x00"
            "\x00\x01\x02\x01\x00"s);
}

TEST(Rows, GiveBackEqualRegularAndWildTimes) {
  std::vector<Entry> equal;
  std::vector<Entry> steady;
  std::vector<Entry> seconds;
  for (int i = 0; i < 1000; ++i) {
    const Timestamp received = 1'768'608'000'000'000'000 + i * 7'654'321LL;
    equal.push_back(happened(received, received));
    steady.push_back(happened(received, received - 3600 * kNanosecondsPerSecond, "h" + std::to_string(i % 3)));
    seconds.push_back(happened(received, received / kNanosecondsPerSecond * kNanosecondsPerSecond));
  }
  for (const auto& entries : {equal, steady, seconds}) EXPECT_EQ(decode(encode(entries)), entries);
  // Most are of the second of the one before.
  EXPECT_LE(encode(seconds).size(), encode(equal).size() + seconds.size() + 10 * 8);
}

// Differences are modulo 2^64.
TEST(Rows, GiveBackExtremeTimes) {
  std::vector<Entry> entries;
  const std::vector<Timestamp> times = {kLeast, kMost, 0, -1, 1, kLeast + 1, kMost - 1, 1'768'608'000'000'000'000};
  for (const Timestamp received : times) {
    for (const Timestamp time : times) entries.push_back(happened(received, time));
  }
  EXPECT_EQ(decode(encode(entries)), entries);
  for (const Entry& entry : entries) EXPECT_EQ(decode(encode({entry})), std::vector{entry});
}

TEST(Rows, GiveBackRandomEntries) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 200; ++round) {
    std::vector<Entry> entries;
    for (std::size_t n = 1 + random() % 50; n > 0; --n) {
      const auto received = static_cast<Timestamp>(random() >> random() % 64);
      const auto time = random() % 2 == 0 ? received : static_cast<Timestamp>(random() >> random() % 64);
      entries.push_back(happened(received, time, std::string(random() % 3 * 40, 's'), std::string(random() % 90, 't')));
    }
    EXPECT_EQ(decode(encode(entries)), entries);
  }
}

TEST(Rows, ACutRowIsNone) {
  const std::string rows = encode({happened(5, 3, std::string(70, 's'), "text")});
  std::vector<char> texts(rows.size());
  for (std::size_t cut = 0; cut < rows.size(); ++cut) {
    EntryView entry;
    EXPECT_FALSE(RowDecoder(rows.substr(0, cut), texts).next(entry)) << cut;
  }
}

}  // namespace
}  // namespace towl::detail::v2
