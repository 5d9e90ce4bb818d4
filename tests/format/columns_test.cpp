#include "v2/columns.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "format/columns_support.hpp"

namespace towl::detail::v2 {
namespace {

using std::string_literals::operator""s;

// spec/format-v2-columns.md, "Example": every byte by hand.
TEST(Columns, ReadsTheBytesOfTheSpecification) {
  const std::string envelope =
      "\x09\xD0\x0F\xD0\x0F\x03"    // times: order 1, width 1, divisor 2000, first 1000, section 3
      "\x00"                        // event times: the same
      "\x00\x01\x02"                // formats: all 1
      "\x00\x01"                    // senders: a dictionary of one value,
      "\x01\x00\x01\x02\x01\x02"s;  // a text of 1 byte, in section 2
  const std::string directory =
      "\x01\x05\x02"            // one template of 5 bytes in section 2
      "\x00"                    // its slot: the first column
      "\x02\x08\x01\x00\x03"s;  // decimal: width 1, divisor 1, first 0, section 3
  const std::string words = "hn=\0;\1"s;
  const std::string figures = "\x00\x01\x07\x0A"s;
  std::string whole = "\x02\x09\x06"s;
  for (const std::string& section : {envelope, directory, words, figures, ""s, ""s}) {
    whole += static_cast<char>(section.size());
    whole += static_cast<char>(section.size());
  }
  whole += envelope + directory + words + figures;
  ColumnDecoder decoder;
  const auto entries = decoder.decode(whole, 2, 11);
  ASSERT_TRUE(entries) << entries.error().to_string();
  EXPECT_EQ((*entries)[0], (EntryView{"h", 1000, LogFormat::journal_json, "n=7;"}));
  EXPECT_EQ((*entries)[1], (EntryView{"h", 3000, LogFormat::journal_json, "n=10;"}));
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

TEST(Columns, MoreTemplatesThanAreToldApart) {
  expect_round_trip(varied(12'000, [](std::size_t i) {
    std::string words;
    for (std::size_t n = i / 2 + 1; n > 0; n /= 3) {
      words += std::string(1, static_cast<char>('a' + n % 26)) + (n % 2 == 0 ? " is " : " was ");
    }
    return words;
  }));
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

// Other writers have no limit of 1 MiB; what such an entry took is given back.
TEST(Columns, AnEntryOfManyMegabytesAmongOthers) {
  std::mt19937_64 random(1);
  std::string huge;
  while (huge.size() < (12U << 20)) {
    huge += std::to_string(random() % 1000) + " = " + std::string(random() % 100, 'x');
  }
  ColumnEncoder encoder;
  ColumnDecoder decoder;
  for (const std::vector<Entry>& entries : {texts({huge}), texts({"small 1", "small 2"}), texts({huge, "small"})}) {
    std::string payload;
    encoder.encode(views(entries), payload);
    const auto decoded = decoder.decode(payload, static_cast<std::uint32_t>(entries.size()), raw_bytes(entries));
    ASSERT_TRUE(decoded) << decoded.error().to_string();
    EXPECT_TRUE(std::equal(decoded->begin(), decoded->end(), entries.begin(), entries.end()));
  }
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
      if (round % 2 == 1 && random() % 2 == 0) {
        entries.back().time_offset = static_cast<std::int64_t>(random() >> (random() % 64));
      }
    }
    expect_round_trip(entries);
  }
}

// What comes in one field follows from another, from what came before, or from nothing; some come in bursts, and others
// once in a while.
TEST(Columns, DictionariesOfAllForms) {
  std::mt19937_64 random(7);
  std::vector<std::string> agents;
  for (int i = 0; i < 400; ++i)
    agents.push_back("agent/" + std::string(static_cast<std::size_t>(1 + i % 7), static_cast<char>('a' + i % 26)) +
                     std::to_string(i * 31));
  std::size_t burst = 0;
  std::vector<Entry> entries = varied(6000, [&](std::size_t i) {
    if (random() % 4 == 0) burst = random() % 400;
    const std::size_t user = burst;
    return "10.1." + std::to_string(user / 7) + "." + std::to_string(user % 7) + " - " +
           (i % 9 == 0 ? "-" : "u" + std::to_string(user)) + " \"GET /p" +
           std::to_string(random() % 5 == 0 ? random() % 3000 : i % 4) + " HTTP/1.1\" " +
           (random() % 50 == 0 ? "-" : std::to_string(200 + user % 3)) + " \"" +
           agents[random() % 40 == 0 ? random() % 400 : user] + "\" \"" + (i % 2 == 0 ? "-" : agents[i % 3]) + "\"";
  });
  expect_round_trip(entries);
}

TEST(Columns, QuotedFields) {
  const auto n = [](std::size_t i) { return std::to_string(i); };
  expect_round_trip(varied(500, [&](std::size_t i) { return "a \"b " + n(i) + "\" \"c\" \"\" d"; }));
  expect_round_trip(varied(500, [&](std::size_t i) { return "a \"b " + n(i % 5) + "\\\" x\" y"; }));
  expect_round_trip(varied(500, [&](std::size_t i) { return std::string(i % 3, '"') + " \"b " + n(i % 5) + "\\"; }));
  expect_round_trip(
      varied(500, [&](std::size_t i) { return "k=\"" + n(i) + "\" \"" + n(i % 3) + "\", \"" + std::string(i, 'x'); }));
  expect_round_trip(texts({"\"", "\"\"", "- \"-\" -", "--", "-", " -", "- "}));
}

// In nested objects and arrays of any depth and shape.
TEST(Columns, JsonOfManyLevels) {
  expect_round_trip(varied(300, [](std::size_t i) {
    const std::string n = std::to_string(i);
    return R"({"a":{"n":)" + n + R"(,"b":[{"n":)" + n + R"(},{"n":1,"s":"x"},[1,)" + n + R"(,3]]},"n":")" + n + R"("})";
  }));
  expect_round_trip(varied(100, [](std::size_t i) {
    return "{\"a\":" + std::string(i, '[') + "1,2," + std::to_string(i) + std::string(i / 2, ']') + "}}}]]]}" +
           std::string(i, '{');
  }));
}

// Only the wanted texts are put together; others are skipped.
TEST(Columns, TextsAreBuiltWhereTheyAreWanted) {
  const std::vector<Entry> entries = all_kinds();
  const std::string payload = encode(entries);
  const auto count = static_cast<std::uint32_t>(entries.size());
  ColumnDecoder decoder;
  for (std::uint32_t from = 0; from <= count; from += 13) {
    ASSERT_TRUE(decoder.begin(payload, count, raw_bytes(entries)));
    decoder.pass(from);
    decoder.pass(from / 2);
    for (std::uint32_t end = from; end <= count; end += 29) {
      const auto built = decoder.build(end);
      ASSERT_EQ(built.size(), count);
      for (std::uint32_t i = from; i < end; ++i) ASSERT_EQ(built[i], entries[i].view()) << from << " " << i;
    }
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

TEST(Columns, AllKinds) {
  expect_round_trip(all_kinds());
  const std::vector<Entry> entries = all_kinds();
  ColumnDecoder decoder;
  EXPECT_TRUE(
      decoder.decode(unpacked(encode(entries)), static_cast<std::uint32_t>(entries.size()), raw_bytes(entries)));
}

}  // namespace
}  // namespace towl::detail::v2
