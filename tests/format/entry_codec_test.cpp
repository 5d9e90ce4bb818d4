#include "v1/entry_codec.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace towl::detail::v1 {
namespace {

using std::string_literals::operator""s;

std::string encode(const EntryView& entry) {
  std::string bytes;
  encode_entry(entry, bytes);
  return bytes;
}

// spec/format-v1.md, "Entries": every byte by hand.
TEST(EntryCodec, WritesTheBytesOfTheSpecification) {
  const std::string expected =
      "\x03\0\0\0\0\0\0\0"
      "web"
      "\x14\0\0\0\0\0\0\0"
      "1970-01-01T00:00:00Z"
      "\x01\0\0\0"
      "\x02\0\0\0\0\0\0\0"
      "{}"s;
  EXPECT_EQ(encode({"web", 0, LogFormat::journal_json, "{}"}), expected);
}

TEST(EntryCodec, ReadsBackWhatItWrote) {
  const std::string binary("\0\xFF\x80 not UTF-8 \n\0", 15);
  const std::string large(300'000, 'x');
  for (const EntryView& entry :
       {EntryView{"", 0, LogFormat::text, ""}, EntryView{"h", -1, LogFormat::journal_json, binary},
        EntryView{binary, std::numeric_limits<Timestamp>::min(), LogFormat{-7}, large},
        EntryView{"h\xC3\xB6st", std::numeric_limits<Timestamp>::max(), LogFormat{99}, "\xE2\x82\xAC"}}) {
    const std::string bytes = encode(entry) + "the next entry";
    EXPECT_EQ(encoded_bytes(entry), bytes.size() - 14);
    EntryView read;
    const Decoded decoded = decode_entry(bytes, read);
    ASSERT_EQ(decoded.found, Found::entry);
    EXPECT_EQ(decoded.bytes, bytes.size() - 14);
    EXPECT_EQ(read, entry);
    EXPECT_EQ(read.log_entry.data(), bytes.data() + decoded.bytes - entry.log_entry.size()) << "copied";
    EXPECT_EQ(skip_entry(bytes).bytes, decoded.bytes);
  }
}

TEST(EntryCodec, EveryTruncationIsIncomplete) {
  const std::string bytes = encode({"sender", 1, LogFormat::text, "an entry"});
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    EntryView read;
    EXPECT_EQ(decode_entry(std::string_view(bytes).substr(0, cut), read).found, Found::incomplete) << cut;
    EXPECT_EQ(skip_entry(std::string_view(bytes).substr(0, cut)).found, Found::incomplete) << cut;
  }
}

TEST(EntryCodec, RefusesLengthsOverTheLimitBeforeItBelievesThem) {
  for (const std::uint64_t length :
       {std::uint64_t{kMaxReadEntryBytes} + 1, std::uint64_t{1} << 33, ~std::uint64_t{0}}) {
    std::string bytes = encode({"", 0, LogFormat::text, ""});
    EntryView read;
    store_little_endian(bytes.data(), length);
    EXPECT_EQ(decode_entry(bytes, read).found, Found::too_large);
    EXPECT_EQ(skip_entry(bytes).found, Found::too_large);
    bytes = encode({"", 0, LogFormat::text, ""});
    store_little_endian(bytes.data() + bytes.size() - 8, length);
    EXPECT_EQ(decode_entry(bytes, read).found, Found::too_large);
    EXPECT_EQ(skip_entry(bytes).found, Found::too_large);
  }
}

TEST(EntryCodec, LimitsSenderAndTextTogether) {
  const std::string bytes = encode({"12345", 0, LogFormat::text, "12345"});
  EntryView read;
  EXPECT_EQ(decode_entry(bytes, read, 10).found, Found::entry);
  EXPECT_EQ(decode_entry(bytes, read, 9).found, Found::too_large);
  EXPECT_EQ(skip_entry(bytes, 9).found, Found::too_large);
}

TEST(EntryCodec, ATimeThatCannotBeReadIsDamage) {
  const std::string good = encode({"s", 0, LogFormat::text, "t"});
  const std::size_t time_at = good.find("1970");
  EntryView read;
  std::string bad = good;
  bad[time_at] = 'x';
  EXPECT_EQ(decode_entry(bad, read).found, Found::damaged);
  bad = good;
  store_little_endian(bad.data() + time_at - 8, std::uint64_t{kMaxTimeTextBytes} + 1);
  EXPECT_EQ(decode_entry(bad, read).found, Found::too_large);
}

TEST(EntryCodec, ZerosAreNoEntry) {
  EntryView read;
  EXPECT_EQ(decode_entry(std::string(4096, '\0'), read).found, Found::damaged);
}

}  // namespace
}  // namespace towl::detail::v1
