// What the tests of the column codec share.
#pragma once

#include <gtest/gtest.h>
#include <zstd.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "v2/columns.hpp"
#include "v2/varint.hpp"

namespace towl::detail::v2 {

inline std::vector<EntryView> views(const std::vector<Entry>& entries) { return {entries.begin(), entries.end()}; }

inline std::uint64_t raw_bytes(const std::vector<Entry>& entries) {
  std::uint64_t sum = 0;
  for (const Entry& entry : entries) {
    sum += entry.sender.size() + entry.log_entry.size();
  }
  return sum;
}

inline std::string encode(const std::vector<Entry>& entries) {
  ColumnEncoder encoder;
  std::string payload;
  encoder.encode(views(entries), payload);
  return payload;
}

inline std::vector<Entry> texts(const std::vector<std::string>& lines) {
  std::vector<Entry> entries;
  for (const std::string& line : lines) {
    entries.push_back({"host", static_cast<Timestamp>(entries.size()) * 1'000'000, LogFormat::text, line});
  }
  return entries;
}

// A frame that has some of everything.
inline std::vector<Entry> some_of_everything() {
  std::vector<Entry> entries;
  for (int i = 0; i < 12; ++i) {
    const std::string n = std::to_string(i);
    entries.push_back({"web-" + std::to_string(i % 3), 1000 * i * i, LogFormat::text,
                       "Jan 17 12:00:" + std::to_string(10 + 3 * i) + " sshd[" + n + "]: from 10.0.0." + n});
    entries.push_back({"db", 1000 * i, LogFormat::journal_json,
                       R"({"__CURSOR":"i=a)" + n + R"(","MESSAGE":"job )" + n + R"( done"})", i - 6});
    entries.push_back({"db", 1000 * i, LogFormat{i}, "only " + std::string(static_cast<std::size_t>(i), 'x')});
  }
  return entries;
}

// Long enough for every kind of column, also for those that are relative to others and to times.
inline std::vector<Entry> all_kinds() {
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
                       "at " + ms + (i % 4 == 0 ? " 10:00:07" : " 10:00:07.0" + std::to_string(1 + i % 9)) +
                           " 12:" + std::to_string(10 + i / 10) + ":" + std::to_string(10 + i % 10) + " 10.0." +
                           std::to_string(random() % 256) + "." + n + " 1" + hex + " v1." + std::to_string(i % 2),
                       i % 5 == 0 ? 0 : -70'000});
    entries.push_back({"db", at + 90'000, LogFormat::journal_json,
                       R"({"A":")" + ms + R"(","B":")" + std::to_string(at / 1'000'000 + 5) + R"(","MESSAGE":"job )" +
                           n + " of " + hex.substr(0, 2) + R"( done"})"});
  }
  return entries;
}

// The same payload with all sections stored without zstd, so that a test can change what is in them.
inline std::string unpacked(std::string_view payload) {
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

inline constexpr Timestamp kLeast = std::numeric_limits<Timestamp>::min();
inline constexpr Timestamp kMost = std::numeric_limits<Timestamp>::max();

// Encodes, decodes, compares; also with only one thing wanted at a time.
inline void expect_round_trip(const std::vector<Entry>& entries) {
  const std::string payload = encode(entries);
  const auto count = static_cast<std::uint32_t>(entries.size());
  ColumnDecoder decoder;
  const auto all = decoder.decode(payload, count, raw_bytes(entries));
  ASSERT_TRUE(all) << all.error().to_string();
  ASSERT_EQ(all->size(), entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    ASSERT_EQ((*all)[i], entries[i].view()) << i << ": " << (*all)[i].log_entry.substr(0, 200);
  }
  for (const Wanted wanted : {Wanted{true, false, false, false}, Wanted{false, true, false, false},
                              Wanted{false, false, true, false}, Wanted{false, false, false, true}}) {
    const auto some = decoder.decode(payload, count, raw_bytes(entries), wanted);
    ASSERT_TRUE(some) << some.error().to_string();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      ASSERT_EQ((*some)[i].sender, wanted.sender ? entries[i].sender : "");
      ASSERT_EQ((*some)[i].received, wanted.received || wanted.time ? entries[i].received : 0);
      ASSERT_EQ((*some)[i].time_offset, wanted.time ? entries[i].time_offset : 0);
      ASSERT_EQ((*some)[i].log_entry, wanted.text ? entries[i].log_entry : "");
    }
  }
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

}  // namespace towl::detail::v2
