// Columns of numbers and of times: counters, clocks, groups of digits, fractions, hexadecimal; and times at their bounds.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "format/columns_support.hpp"
#include "v2/columns.hpp"

namespace towl::detail::v2 {
namespace {

// Everything that looks like a number must come back with the same zeros, signs and cases.
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

// Programs in Go leave out the zeros at the end of a fraction, those in Python the fraction of a whole second.
TEST(Columns, FractionsWithoutZeros) {
  const auto two = [](std::size_t n) { return std::string(n < 10 ? "0" : "") + std::to_string(n); };
  const auto at = [&](std::size_t ms, char dot, const std::string& zone) {
    std::string text = "2026-01-17T" + two(ms / 3600000 % 24) + ":" + two(ms / 60000 % 60) + ":" + two(ms / 1000 % 60);
    std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
    while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
    return text + (fraction.empty() ? "" : dot + fraction) + zone;
  };
  const auto columns = varied(2000, [&](std::size_t i) { return at(i * 130, '.', "Z") + " up"; });
  expect_round_trip(columns);
  EXPECT_LT(encode(columns).size(), 400U);
  expect_round_trip(varied(2000, [&](std::size_t i) { return at(i * 50, ',', "+02:00") + " up"; }));
  expect_round_trip(varied(2000, [&](std::size_t i) { return "{\"time\":\"" + at(i * i * 10, '.', "") + "\"}"; }));
  expect_round_trip(varied(900, [&](std::size_t i) {
    return "12:34:" + two(i % 60) + (i % 5 == 0 ? "" : "." + std::to_string(1000 + i).substr(1)) + " up";
  }));
  expect_round_trip(varied(900, [&](std::size_t i) {
    return "12:34:" + two(i % 60) + (i % 5 == 0 ? ".000" : "." + std::to_string(1000 + i).substr(1)) +
           (i % 3 == 0 ? "" : "Z");
  }));
  // Zeros at the end, other dots, other lengths, nothing but zeros.
  expect_round_trip(varied(500, [&](std::size_t i) { return at(i * 50, '.', i % 100 == 0 ? "0Z" : "Z") + " up"; }));
  expect_round_trip(varied(500, [&](std::size_t i) { return at(i * 50, i % 7 == 0 ? ',' : '.', "Z") + " up"; }));
  expect_round_trip(varied(500, [&](std::size_t i) { return at(i * 50, '.', i % 9 == 0 ? "" : "Z") + " up"; }));
  expect_round_trip(
      varied(500, [&](std::size_t i) { return at(i * 1000, '.', "Z") + (i % 99 == 0 ? ".5" : "") + " up"; }));
  expect_round_trip(varied(500, [&](std::size_t i) {
    return "x12:34:5" + std::to_string(i % 10) + (i % 3 == 0 ? ".5" : i % 3 == 1 ? "." : "") + " up";
  }));
  expect_round_trip(varied(500, [&](std::size_t i) { return "12:34:56." + std::string(i % 30, '7') + " up"; }));
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
  // More than 2^63 from the least to the greatest, but not from the first, and a common divisor.
  expect_round_trip(at(
      {2'522'025'686'932'137'470, 7'566'077'060'796'412'412, 4'251'487'108'679'685'620, -5'692'282'747'670'494'756}));
  expect_round_trip(at({0, kMost / 10 * 10, kLeast / 10 * 10, 10, -10}));
  expect_round_trip(at({-3'000'000'000, 0, 5'000'000'000, 1'000'000'000, kLeast}));
}

// Entries that happened at these times and were received at those.
std::vector<Entry> happened(const std::vector<std::pair<Timestamp, Timestamp>>& times) {
  std::vector<Entry> entries;
  for (const auto& [received, time] : times) {
    entries.push_back({"h", received, LogFormat::text, "x", time_offset_of(received, time)});
  }
  return entries;
}

// Differences are modulo 2^64.
TEST(Columns, ExtremeEventTimes) {
  std::vector<std::pair<Timestamp, Timestamp>> all;
  const std::vector<Timestamp> times = {kLeast, kMost, 0, -1, 1, kLeast + 1, kMost - 1, 1'768'608'000'000'000'000};
  for (const Timestamp received : times) {
    for (const Timestamp time : times) {
      all.emplace_back(received, time);
      expect_round_trip(happened({{received, time}}));
    }
  }
  expect_round_trip(happened(all));
}

// Event times that are the received ones cost a byte a frame, regular ones hardly more; and a text that has its time
// has it from there.
TEST(Columns, EventTimesCostWhatTheyAddToTheReceivedOnes) {
  std::mt19937_64 random(1);
  constexpr std::size_t kCount = 2000;
  std::vector<Entry> equal;
  std::vector<Entry> steady;
  std::vector<Entry> seconds;
  std::vector<Entry> replayed;
  std::vector<Entry> replayed_alike;
  Timestamp at = 1'768'608'000'000'000'000;
  for (std::size_t i = 0; i < kCount; ++i) {
    at += static_cast<Timestamp>(random() % 50'000) * 1000;
    const Timestamp second = at / kNanosecondsPerSecond * kNanosecondsPerSecond;
    equal.push_back({"h", at, LogFormat::text, "job 17"});
    steady.push_back({"h", at, LogFormat::text, "job 17", -3600 * kNanosecondsPerSecond});
    seconds.push_back({"h", at, LogFormat::text, "job 17", second - at});
    // A file that is read long after: all of it at once.
    const Timestamp batch = 1'800'000'000'000'000'000;
    const std::string text = "t " + std::to_string(at / 1000) + " x";
    replayed.push_back({"h", batch, LogFormat::text, text, time_offset_of(batch, at)});
    replayed_alike.push_back({"h", batch, LogFormat::text, text});
  }
  for (const auto& entries : {equal, steady, seconds, replayed}) {
    expect_round_trip(entries);
  }
  EXPECT_LE(encode(steady).size(), encode(equal).size() + 16);
  EXPECT_LE(encode(seconds).size(), encode(equal).size() + kCount / 8);
  EXPECT_LE(encode(replayed).size(), encode(replayed_alike).size() + 32);
}

}  // namespace
}  // namespace towl::detail::v2
