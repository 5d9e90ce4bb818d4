#include "v2/columns.hpp"

#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "v2/varint.hpp"

namespace towl::detail::v2 {
namespace {

using std::string_literals::operator""s;

constexpr Timestamp kLeast = std::numeric_limits<Timestamp>::min();
constexpr Timestamp kMost = std::numeric_limits<Timestamp>::max();

std::vector<EntryView> views(const std::vector<Entry>& entries) { return {entries.begin(), entries.end()}; }

std::uint64_t raw_bytes(const std::vector<Entry>& entries) {
  std::uint64_t sum = 0;
  for (const Entry& entry : entries) {
    sum += entry.sender.size() + entry.log_entry.size();
  }
  return sum;
}

std::string encode(const std::vector<Entry>& entries) {
  ColumnEncoder encoder;
  std::string payload;
  encoder.encode(views(entries), payload);
  return payload;
}

// Encodes, decodes, compares; also with each thing wanted alone.
void expect_round_trip(const std::vector<Entry>& entries) {
  const std::string payload = encode(entries);
  const auto count = static_cast<std::uint32_t>(entries.size());
  ColumnDecoder decoder;
  const auto all = decoder.decode(payload, count, raw_bytes(entries));
  ASSERT_TRUE(all) << all.error().to_string();
  ASSERT_EQ(all->size(), entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    ASSERT_EQ((*all)[i], entries[i].view()) << i << ": " << (*all)[i].log_entry.substr(0, 200);
  }
  for (const Wanted wanted : {Wanted{true, false, false}, Wanted{false, true, false}, Wanted{false, false, true}}) {
    const auto some = decoder.decode(payload, count, raw_bytes(entries), wanted);
    ASSERT_TRUE(some) << some.error().to_string();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      ASSERT_EQ((*some)[i].sender, wanted.sender ? entries[i].sender : "");
      ASSERT_EQ((*some)[i].received, wanted.received ? entries[i].received : 0);
      ASSERT_EQ((*some)[i].log_entry, wanted.text ? entries[i].log_entry : "");
    }
  }
}

std::vector<Entry> texts(const std::vector<std::string>& lines) {
  std::vector<Entry> entries;
  for (const std::string& line : lines) {
    entries.push_back({"host", static_cast<Timestamp>(entries.size()) * 1'000'000, LogFormat::text, line});
  }
  return entries;
}

// Each line many times, so that its variables become columns, with what varies from `vary(i)`.
template <class Vary>
std::vector<Entry> varied(std::size_t count, Vary vary) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < count; ++i) {
    lines.push_back(vary(i));
  }
  return texts(lines);
}

TEST(Columns, OneEntry) {
  expect_round_trip({{"web", 1, LogFormat::text, "started 17 workers"}});
  expect_round_trip({{"", 0, LogFormat::text, ""}});
}

TEST(Columns, EmptyTextsAndSenders) {
  expect_round_trip(texts({"", "", "", "", "", ""}));
  expect_round_trip({{"", 5, LogFormat::text, "a 1"},
                     {"x", 4, LogFormat::text, ""},
                     {"", 3, LogFormat::text, "a 2"},
                     {"", 2, LogFormat::text, "a 3"},
                     {"x", 1, LogFormat::text, "a 4"},
                     {"y", 0, LogFormat::text, ""}});
  expect_round_trip(std::vector<Entry>(kMaxFrameEntries));
}

TEST(Columns, EqualAndDifferentTexts) {
  expect_round_trip(varied(1000, [](std::size_t) { return "job 17 done at 12:00:00 by 10.0.0.1"; }));
  expect_round_trip(varied(1000, [](std::size_t i) { return std::string(i, static_cast<char>('a' + i % 26)); }));
}

TEST(Columns, BinaryTexts) {
  std::vector<std::string> lines;
  for (int c = 0; c < 256; ++c) {
    lines.push_back(std::string(1, static_cast<char>(c)));
    lines.push_back("a "s + static_cast<char>(c) + " 17");
    lines.push_back("a\0b 1\1 2\2 3\3"s + static_cast<char>(c) + "9");
  }
  expect_round_trip(texts(lines));
  expect_round_trip(varied(64, [](std::size_t i) { return "\xFF\xFE n="s + std::to_string(i) + "\0 end"s; }));
}

// Whatever looks like a number must come back with the same zeros, signs and cases.
TEST(Columns, Numbers) {
  const std::vector<std::string> numbers = {"0",
                                            "00",
                                            "-0",
                                            "+1",
                                            "7",
                                            "007",
                                            "0x1F",
                                            "0X1f",
                                            "1e9",
                                            "99999999999999999999999",
                                            "18446744073709551615",
                                            "18446744073709551616",
                                            "9999999999999999999",
                                            "10000000000000000000",
                                            "9223372036854775808",
                                            "deadbeef1",
                                            "DEADBEEF1",
                                            "DeadBeef1",
                                            "ffffffffffffffff1",
                                            "ffffffffffffff1",
                                            "0000000000000000",
                                            "1.5",
                                            "01.50",
                                            "-127633188"};
  for (const std::string& number : numbers) {
    SCOPED_TRACE(number);
    expect_round_trip(varied(40, [&](std::size_t) { return "n " + number + " end"; }));
    expect_round_trip(
        varied(40, [&](std::size_t i) { return "n " + (i % 3 == 0 ? number : std::to_string(i)) + " end"; }));
    expect_round_trip(varied(40, [&](std::size_t i) { return "n " + number + std::to_string(i) + " end"; }));
  }
  expect_round_trip(varied(3000, [&](std::size_t i) { return "n " + numbers[i * 7919 % numbers.size()] + " end"; }));
  expect_round_trip(varied(500, [](std::size_t i) { return "n " + std::to_string(~std::uint64_t{0} / 2 - 250 + i); }));
  expect_round_trip(varied(500, [](std::size_t i) { return "n " + std::to_string(9'999'999'999'999'999'999U - i); }));
}

TEST(Columns, ClocksAndCounters) {
  const auto two = [](std::size_t n) { return std::string(n < 10 ? "0" : "") + std::to_string(n); };
  const auto clock = [&](std::size_t s) { return two(s / 3600 % 24) + ":" + two(s / 60 % 60) + ":" + two(s % 60); };
  expect_round_trip(varied(5000, [&](std::size_t i) { return "Jan 17 " + clock(80'000 + i * 7) + " web: up"; }));
  expect_round_trip(varied(
      5000, [&](std::size_t i) { return "2026-01-17T" + clock(i * i) + "." + std::to_string(100 + i % 900) + "Z x"; }));
  expect_round_trip(varied(500, [&](std::size_t i) { return "t 99:99:" + two(i % 100) + " x"; }));
  expect_round_trip(
      varied(500, [&](std::size_t i) { return "t 2026-" + two(i % 99) + "-" + two(i % 31) + "_" + clock(i * 77777); }));
  expect_round_trip(
      varied(500, [&](std::size_t i) { return "task_" + std::to_string(100000 + i) + "_r_" + two(i % 50); }));
  expect_round_trip(
      varied(500, [&](std::size_t i) { return "123456789012345678" + std::to_string(i % 9) + "." + two(i % 77); }));
}

// Groups of digits without leading zeros: unpadded clocks, addresses, versions.
TEST(Columns, GroupsOfAnyWidth) {
  const auto n = [](std::size_t i) { return std::to_string(i); };
  expect_round_trip(
      varied(900, [&](std::size_t i) { return n(i / 60) + ":" + n(i % 60) + ":" + n(i * 77 % 1000) + " x"; }));
  expect_round_trip(
      varied(900, [&](std::size_t i) { return "at 10." + n(i % 9) + "." + n(i % 256) + "." + n(i * 7 % 256) + " x"; }));
  expect_round_trip(
      varied(900, [&](std::size_t i) { return "v " + n(i % 10) + "." + n(i % 7) + "-rc" + n(i % 300) + "b"; }));
  expect_round_trip(
      varied(900, [&](std::size_t i) { return "v 0" + n(i % 90 + 10) + "." + n(i % 7) + ".0" + n(i % 300); }));
  expect_round_trip(
      varied(900, [&](std::size_t i) { return "v " + n(i * 977) + ":" + n(i % 10) + ":" + n(i % 3) + "z" + n(i); }));
  expect_round_trip(
      varied(900, [&](std::size_t i) { return "v " + n(i % 10) + ":" + n(i % 10) + "." + n(i * 13 % 10); }));
}

TEST(Columns, Hexadecimal) {
  std::mt19937_64 random(1);
  const auto hex = [&](std::string digits, std::size_t count) {
    std::string text;
    while (text.size() < count) {
      text += digits[random() % digits.size()];
    }
    return text;
  };
  const std::string lower = "0123456789abcdef";
  const std::string upper = "0123456789ABCDEF";
  expect_round_trip(varied(
      300, [&](std::size_t) { return "id 1" + hex(lower, 7) + "-" + hex(lower, 4) + "-" + hex(lower, 11) + " x"; }));
  expect_round_trip(varied(300, [&](std::size_t) { return "id 1" + hex(upper, 31); }));
  expect_round_trip(varied(300, [&](std::size_t i) { return "id 1" + hex(i % 100 == 0 ? upper : lower, 31); }));
  expect_round_trip(varied(300, [&](std::size_t i) { return "id 1" + hex(lower, 1 + i % 15); }));
  expect_round_trip(varied(300, [&](std::size_t) { return "id 0" + hex(lower, 12); }));
}

TEST(Columns, LongTexts) {
  expect_round_trip(texts({"short 1", std::string(1 << 20, 'x'), "short 2", std::string(70'000, '7')}));
  std::string many;
  for (int i = 0; i < 20'000; ++i) {
    many += std::to_string(i) + ' ';
  }
  expect_round_trip(texts({many, many + "1", many}));
  expect_round_trip(texts({many.substr(0, 60'000), many.substr(0, 60'000), many.substr(0, 60'001)}));
  expect_round_trip(varied(5000, [](std::size_t i) { return std::to_string(i % 10) + " " + std::to_string(i % 7); }));
}

TEST(Columns, ExtremeTimes) {
  const auto at = [](std::vector<Timestamp> times) {
    std::vector<Entry> entries;
    for (const Timestamp time : times) {
      entries.push_back({"h", time, LogFormat::text, "x"});
    }
    return entries;
  };
  expect_round_trip(at({kLeast}));
  expect_round_trip(at({kMost, kLeast}));
  expect_round_trip(at({kLeast, kMost, 0, -1, kMost, kLeast, 1}));
  expect_round_trip(at({kMost - 2000, kMost - 1000, kMost}));
  expect_round_trip(at({-3'000'000'000, 0, 5'000'000'000, 1'000'000'000, kLeast}));
}

TEST(Columns, AnyLogFormat) {
  expect_round_trip({{"a", 1, LogFormat{std::numeric_limits<std::int32_t>::min()}, "x 1"},
                     {"b", 2, LogFormat{std::numeric_limits<std::int32_t>::max()}, "x 2"},
                     {"c", 3, LogFormat{-1}, "x 3"},
                     {"d", 4, LogFormat::journal_json, "x 4"},
                     {"e", 5, LogFormat{77}, "x 5"}});
}

TEST(Columns, Json) {
  std::vector<Entry> entries;
  for (int i = 0; i < 500; ++i) {
    const std::string n = std::to_string(i);
    const std::string head =
        R"({"__CURSOR":"s=00ab;i=)" + n + R"(;b=77;m=abc;t=5f;x=)" + std::to_string(i * 7919) + "\",";
    for (const std::string& rest :
         {R"("MESSAGE":"session )" + n + R"( opened","_PID":")" + n + R"("})",
          R"("_PID":")" + n + R"(","MESSAGE":"session )" + n + R"( \"closed\"\\"})", R"("MESSAGE":"","PRIORITY":6})"s,
          R"("MESSAGE":[104,)" + std::to_string(i % 256) + R"(],"B":null,"C":true,"D":-1.5e9})",
          R"("A":["1","2"],"B":{"MESSAGE":"nested )" + n + R"("},"MESSAGE":"twice 2"})", R"("MESSAGE":"cut )" + n,
          R"("A)"s, R"("A":"\)"s, R"("MESSAGE" : "space )" + n + "\"}", "\"N\":\""s + '\0' + "\"}",
          "\"N"s + '\0' + "\":\"1\"}", R"("MESSAGE":"\0 )" + n + '\0' + "\1\2\"}"}) {
      entries.push_back({"h", i, LogFormat::journal_json, head + rest});
    }
    entries.push_back({"h", i, LogFormat::journal_json, "{\""});
    entries.push_back({"h", i, LogFormat::journal_json, "{\"\":\"\"}"});
    entries.push_back({"h", i, LogFormat::journal_json, "not json " + n});
  }
  expect_round_trip(entries);
}

std::string random_text(std::mt19937_64& random) {
  static const std::vector<std::string> words = {"",         " ",
                                                 "a",        "error",
                                                 "17",       "0",
                                                 "10.0.0.1", "12:34:56",
                                                 "=",        "\"",
                                                 "{\"",      "MESSAGE",
                                                 ":",        "\":\"",
                                                 "\0"s,      ",",
                                                 "[12]",     "-5",
                                                 "0x1f",     "\1",
                                                 "req-",     "deadbeef0",
                                                 "\xFF",     "\\\"",
                                                 "}",        "__CURSOR\":\"s=1;i=2",
                                                 "\2"};
  std::string text;
  for (std::size_t n = random() % 12; n > 0; --n) {
    switch (random() % 4) {
      case 0:
        text += std::to_string(random() >> (random() % 64));
        break;
      case 1:
        text += static_cast<char>(random());
        break;
      default:
        text += words[random() % words.size()];
        break;
    }
  }
  return text;
}

TEST(Columns, RandomEntries) {
  const std::uint64_t seed = std::random_device()();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> pool;
    for (std::size_t n = 1 + random() % 8; n > 0; --n) {
      pool.push_back(random_text(random));
    }
    std::vector<Entry> entries;
    for (std::size_t n = 1 + random() % 200; n > 0; --n) {
      const std::string tail = random() % 3 == 0 ? std::to_string(random() % 1000) : "";
      entries.push_back({pool[random() % pool.size()], static_cast<Timestamp>(random() >> (random() % 64)),
                         LogFormat{static_cast<std::int32_t>(random() % 3)}, pool[random() % pool.size()] + tail});
    }
    expect_round_trip(entries);
  }
}

TEST(Columns, AnEncoderIsReusable) {
  ColumnEncoder encoder;
  ColumnDecoder decoder;
  for (int round = 0; round < 5; ++round) {
    const std::vector<Entry> entries =
        varied(100U << round, [&](std::size_t i) { return "n " + std::to_string(i * 3); });
    std::string payload = "before";
    encoder.encode(views(entries), payload);
    EXPECT_EQ(payload.substr(6), encode(entries));
    EXPECT_TRUE(decoder.decode(payload.substr(6), static_cast<std::uint32_t>(entries.size()), raw_bytes(entries)));
  }
}

// A frame that has something of everything.
std::vector<Entry> some_of_everything() {
  std::vector<Entry> entries;
  for (int i = 0; i < 12; ++i) {
    const std::string n = std::to_string(i);
    entries.push_back({"web-" + std::to_string(i % 3), 1000 * i * i, LogFormat::text,
                       "Jan 17 12:00:" + std::to_string(10 + 3 * i) + " sshd[" + n + "]: from 10.0.0." + n});
    entries.push_back({"db", 1000 * i, LogFormat::journal_json,
                       R"({"__CURSOR":"i=a)" + n + R"(","MESSAGE":"job )" + n + R"( done"})"});
    entries.push_back({"db", 1000 * i, LogFormat{i}, "only " + std::string(static_cast<std::size_t>(i), 'x')});
  }
  return entries;
}

// Either refused, or as many entries with as many bytes as the frame's header says.
void expect_harmless(ColumnDecoder& decoder, std::string_view payload, std::uint32_t count, std::uint64_t bytes) {
  for (const Wanted wanted : {Wanted{}, Wanted{true, false, false}, Wanted{false, false, true}}) {
    // In memory of its own, so that the address sanitizer sees a read behind its end.
    const std::vector<char> own(payload.begin(), payload.end());
    const auto decoded = decoder.decode({own.data(), own.size()}, count, bytes, wanted);
    if (!decoded) {
      EXPECT_EQ(decoded.error().code, ErrorCode::corrupt);
      EXPECT_FALSE(decoded.error().message.empty());
      continue;
    }
    std::uint64_t sum = 0;
    unsigned seen = 0;
    for (const EntryView& entry : *decoded) {
      sum += entry.sender.size() + entry.log_entry.size();
      for (const char c : entry.log_entry) {
        seen += static_cast<unsigned char>(c);
      }
      for (const char c : entry.sender) {
        seen += static_cast<unsigned char>(c);
      }
    }
    EXPECT_EQ(decoded->size(), count);
    EXPECT_LE(sum, bytes) << seen;
    if (wanted.sender && wanted.text) {
      EXPECT_EQ(sum, bytes);
    }
  }
}

TEST(HostileColumns, EveryBitFlipped) {
  const std::vector<Entry> entries = some_of_everything();
  std::string payload = encode(entries);
  ColumnDecoder decoder;
  for (std::size_t bit = 0; bit < payload.size() * 8; ++bit) {
    SCOPED_TRACE(bit);
    payload[bit / 8] = static_cast<char>(payload[bit / 8] ^ (1 << (bit % 8)));
    expect_harmless(decoder, payload, static_cast<std::uint32_t>(entries.size()), raw_bytes(entries));
    payload[bit / 8] = static_cast<char>(payload[bit / 8] ^ (1 << (bit % 8)));
  }
}

TEST(HostileColumns, EveryTruncationAndTrailingBytesAreCorrupt) {
  const std::vector<Entry> entries = some_of_everything();
  const std::string payload = encode(entries);
  const auto count = static_cast<std::uint32_t>(entries.size());
  ColumnDecoder decoder;
  for (std::size_t cut = 0; cut < payload.size(); ++cut) {
    EXPECT_FALSE(decoder.decode(payload.substr(0, cut), count, raw_bytes(entries))) << cut;
  }
  EXPECT_FALSE(decoder.decode(payload + '\0', count, raw_bytes(entries)));
  EXPECT_TRUE(decoder.decode(payload, count, raw_bytes(entries)));
}

TEST(HostileColumns, AnotherHeaderIsCorrupt) {
  const std::vector<Entry> entries = some_of_everything();
  const std::string payload = encode(entries);
  const auto count = static_cast<std::uint32_t>(entries.size());
  const std::uint64_t bytes = raw_bytes(entries);
  ColumnDecoder decoder;
  for (const std::uint32_t other : {0U, 1U, count - 1, count + 1, kMaxFrameEntries, kMaxFrameEntries + 1, ~0U}) {
    EXPECT_FALSE(decoder.decode(payload, other, bytes)) << other;
  }
  for (const std::uint64_t other : {std::uint64_t{0}, bytes - 1, bytes + 1, bytes * 2}) {
    EXPECT_FALSE(decoder.decode(payload, count, other)) << other;
  }
  EXPECT_FALSE(decoder.decode("\x02" + payload.substr(1), count, bytes)) << "version";
}

// The same payload with all sections stored as they are, so that what lies behind zstd is open to change.
std::string unpacked(std::string_view payload) {
  ByteReader reader(payload);
  std::string plain(1, static_cast<char>(reader.byte()));
  put_varint(plain, reader.varint());
  const std::uint64_t sections = reader.varint();
  put_varint(plain, sections);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> sizes;
  for (std::uint64_t i = 0; i < sections; ++i) {
    const std::uint64_t raw = reader.varint();
    sizes.emplace_back(raw, reader.varint());
    put_varint(plain, raw);
    put_varint(plain, raw);
  }
  for (const auto& [raw, stored] : sizes) {
    const std::string_view from = reader.take(stored);
    std::string section(from);
    if (raw != stored) {
      section.assign(raw, '\0');
      EXPECT_EQ(ZSTD_decompress(section.data(), raw, from.data(), stored), raw);
    }
    plain += section;
  }
  EXPECT_TRUE(reader.at_end());
  return plain;
}

// Long enough for every kind of column, also for those that are relative to others and to times.
std::vector<Entry> all_kinds() {
  std::vector<Entry> entries;
  std::mt19937_64 random(1);
  Timestamp at = 1'768'608'000'000'000'000;
  for (int i = 0; i < 160; ++i) {
    at += static_cast<Timestamp>(random() % 5'000'000'000);
    const std::string n = std::to_string(i);
    const std::string ms = std::to_string(at / 1'000'000);
    std::string hex;
    for (int k = 0; k < 12; ++k) {
      hex += "0123456789abcdef"[random() % 16];
    }
    entries.push_back({"web-" + std::to_string(i % 3), at + 70'000, LogFormat::text,
                       "at " + ms + " 12:" + std::to_string(10 + i / 10) + ":" + std::to_string(10 + i % 10) +
                           " 10.0." + std::to_string(random() % 256) + "." + n + " 1" + hex + " v1." +
                           std::to_string(i % 2)});
    entries.push_back({"db", at + 90'000, LogFormat::journal_json,
                       R"({"A":")" + ms + R"(","B":")" + std::to_string(at / 1'000'000 + 5) + R"(","MESSAGE":"job )" +
                           n + " of " + hex.substr(0, 2) + R"( done"})"});
  }
  return entries;
}

TEST(Columns, AllKinds) {
  expect_round_trip(all_kinds());
  const std::vector<Entry> entries = all_kinds();
  ColumnDecoder decoder;
  EXPECT_TRUE(
      decoder.decode(unpacked(encode(entries)), static_cast<std::uint32_t>(entries.size()), raw_bytes(entries)));
}

TEST(HostileColumns, AnyByteOfTheSectionsChanged) {
  const std::vector<Entry> entries = all_kinds();
  const auto count = static_cast<std::uint32_t>(entries.size());
  const std::uint64_t bytes = raw_bytes(entries);
  std::string payload = unpacked(encode(entries));
  ColumnDecoder decoder;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    SCOPED_TRACE(i);
    const char was = payload[i];
    for (const int change : {1, 0x80, 0xFF, static_cast<int>(static_cast<unsigned char>(was))}) {
      payload[i] = static_cast<char>(was ^ change);
      expect_harmless(decoder, payload, count, bytes);
    }
    payload[i] = was;
  }
}

TEST(HostileColumns, RandomBytesInSections) {
  const std::uint64_t seed = std::random_device()();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (const std::vector<Entry>& entries : {some_of_everything(), all_kinds()}) {
    const std::string payload = unpacked(encode(entries));
    ColumnDecoder decoder;
    for (int round = 0; round < 5'000; ++round) {
      std::string changed = payload;
      for (std::size_t n = 1 + random() % 3; n > 0; --n) {
        changed[random() % std::min<std::size_t>(changed.size(), 1000)] =
            static_cast<char>(random() % 2 == 0 ? random() : random() % 8);
      }
      expect_harmless(decoder, changed, static_cast<std::uint32_t>(entries.size()), raw_bytes(entries));
    }
  }
}

}  // namespace
}  // namespace towl::detail::v2
