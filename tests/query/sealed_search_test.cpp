// Searches of sealed frames, which look at templates and columns before texts, against a plain loop over all entries.
// The patterns are cut out of entries, so they lie within literals and values of all kinds and across their borders.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <map>
#include <random>

#include "support/temp_folder.hpp"
#include "towl/file_reader.hpp"
#include "towl/file_writer.hpp"
#include "towl/query/entry_test.hpp"
#include "towl/query/pipeline.hpp"
#include "towl/query/search.hpp"
#include "towl/query/table_json.hpp"
#include "towl/query/table_search.hpp"
#include "towl/record/record_view.hpp"
#include "towl/seal.hpp"

namespace towl {
namespace {

using Random = std::mt19937;
using Places = std::vector<std::pair<std::size_t, Ordinal>>;

/// Lines as programs print them: clocks, counters, addresses, ids, quoted fields, JSON, and some that are like no other.
class Lines {
 public:
  explicit Lines(Random& random) : random_(random) {}

  Entry next(std::uint64_t number) {
    time_ += 1'000'000 * static_cast<Timestamp>(random_() % 3000);
    const bool is_journal = random_() % 3 == 0;
    Entry entry("host-" + std::to_string(number / 500 % 4), time_,
                is_journal ? LogFormat::journal_json : LogFormat::text, is_journal ? journal(number) : text(number));
    if (random_() % 4 == 0) entry.set_time(time_ - static_cast<Timestamp>(random_() % 90) * kNanosecondsPerSecond);
    return entry;
  }

 private:
  std::string number(std::uint32_t most) { return std::to_string(random_() % most); }

  std::string printed(const char* format, std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    char text[96];
    std::snprintf(text, sizeof text, format, a, b, c);
    return text;
  }

  std::string clock() {
    const auto second = static_cast<std::uint32_t>(time_ / kNanosecondsPerSecond);
    return printed("2026-01-17T%02u:%02u:%02u", second / 3600 % 24, second / 60 % 60, second % 60);
  }

  template <class... Texts>
  std::string one_of(Texts... texts) {
    const std::vector<std::string> all = {texts...};
    return all[random_() % all.size()];
  }

  std::string user() { return one_of("alice", "bob", "Carol", "dave-7", "r\xC3\xB6t", "kS\xE2\x84\xAA", "a:b", ""); }

  std::string message(std::uint64_t n) {
    switch (random_() % 9) {
      case 0:
        return "Accepted password for " + user() + " from 10.0." + number(256) + "." + number(256) + " port " +
               number(65536);
      case 1:
        return "request " + std::to_string(n) + " took " + number(30) + " ms: GET /index.html " +
               one_of("200", "404", "500");
      case 2:
        return "trace=" +
               printed("%08x%08x", static_cast<std::uint32_t>(random_()), static_cast<std::uint32_t>(random_()), 0) +
               " attempt_" + printed("%04u", static_cast<std::uint32_t>(n % 10000), 0, 0);
      case 3:
        return "disk sda" + number(3) + " is " + number(100) + "% full, " + one_of("warning", "ERROR", "error");
      case 4:
        return "10.1." + number(20) + ".7 - - [" + clock() + R"(] "GET /a/)" + number(40) + R"( HTTP/1.1" )" +
               one_of("200", "304") + " " + number(90000) + R"( "-" "curl/7.88")";
      case 5:
        return "hex " + printed("%x", static_cast<std::uint32_t>(random_() % 100000), 0, 0) + " at 0x" +
               printed("%06x", static_cast<std::uint32_t>(random_() % 0xFFFFFF), 0, 0);
      case 6:
        return "several lines\nof " + user() + "\nand [" + number(4) + "]: [x] y: [" + number(9) + "]";
      case 7:
        return one_of("", " ", "x", "\xff\xfe bytes", "no digits at all");
      default:
        return "prose " + printed("%u-%u_%u", static_cast<std::uint32_t>(random_()),
                                  static_cast<std::uint32_t>(random_()), static_cast<std::uint32_t>(random_()));
    }
  }

  std::string text(std::uint64_t n) {
    if (random_() % 40 == 0) return std::string("a\0b\1c\2", 6) + message(n);
    return random_() % 3 == 0
               ? message(n)
               : clock() + "." + printed("%03u", static_cast<std::uint32_t>(time_ / 1'000'000 % 1000), 0, 0) + " " +
                     one_of("sshd", "kernel", "web") + "[" + number(500) + "]: " + message(n);
  }

  static std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      if (c == '\n') {
        out += "\\n";
      } else {
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
      }
    }
    return out;
  }

  std::string journal(std::uint64_t n) {
    if (random_() % 60 == 0) return R"({"MESSAGE":[100,105,115,107,255],"PRIORITY":"3"})";
    if (random_() % 60 == 0) return R"({ "MESSAGE" : "disk \u0073da with blanks" , "n" : 5 })";
    if (random_() % 60 == 0) return "{ no JSON " + message(n);
    std::string text = R"({"PRIORITY":")" + number(8) + R"(","_PID":")" + number(900) + R"(","n":)" +
                       std::to_string(n % 1000) + R"(,"user":")" + escaped(user()) + R"(","MESSAGE":")" +
                       escaped(message(n)) + "\"";
    if (random_() % 5 == 0) text += R"(,"peers":[{"id":)" + number(5) + R"(},{"id":7}])";
    return text + "}";
  }

  Random& random_;
  Timestamp time_ = 1'768'660'200'000'000'000;
};

class SealedSearch : public testing::Test {
 protected:
  static constexpr std::uint64_t kEntries = 3000;

  SealedSearch() : random_(seed_), lines_(random_) {
    write(1, FileFormat::v1, false);
    write(2, FileFormat::v2, false);
    write(3, FileFormat::v2, true);
    write(4, FileFormat::v2, true);
  }

  void write(FileId id, FileFormat format, bool sealed) {
    const auto path = folder_ / (std::to_string(id) + ".towl");
    auto writer = FileWriter::create(path, {.file_id = id, .format = format});
    ASSERT_TRUE(writer);
    for (std::uint64_t i = 0; i < kEntries; ++i) {
      entries_.push_back(lines_.next(i));
      // Format 1 has one time.
      if (format == FileFormat::v1) entries_.back().time_offset = 0;
      ASSERT_TRUE(writer->append(entries_.back()));
      if (i % 500 == 499) {
        ASSERT_TRUE(writer->flush());
      }
    }
    ASSERT_TRUE(writer->close());
    if (sealed) {
      ASSERT_TRUE(seal(path));
    }
    files_.push_back({.path = path});
  }

  static Header header_of(std::size_t file) {
    Header header;
    header.file_id = file + 1;
    return header;
  }

  Places naive(const Expression& expression) {
    auto test = EntryTest::create(expression);
    EXPECT_TRUE(test) << to_text(expression);
    Places places;
    for (std::size_t i = 0; test && i < entries_.size(); ++i) {
      const auto file = i / kEntries;
      if (test->passes(entries_[i], header_of(file), i % kEntries)) places.emplace_back(file, i % kEntries);
    }
    return places;
  }

  Places found(const Expression& expression, const SearchOptions& options) {
    Places places;
    auto made = Search::create(files_, expression, options);
    EXPECT_TRUE(made);
    while (made) {
      const Outcome outcome = made->next();
      if (const auto* entry = std::get_if<FoundEntry>(&outcome)) {
        places.emplace_back(entry->file, entry->ordinal);
        const EntryView expected = entries_[entry->file * kEntries + entry->ordinal];
        if (options.wanted.text) {
          EXPECT_EQ(entry->entry.log_entry, expected.log_entry);
        }
        if (options.wanted.sender) {
          EXPECT_EQ(entry->entry.sender, expected.sender);
        }
        if (options.wanted.time) {
          EXPECT_EQ(entry->entry.time(), expected.time());
        }
        RecordView record;
        record.set(expected);
        EXPECT_EQ(entry->level, options.levels ? record.level() : std::nullopt) << expected.log_entry;
      } else if (const auto* unread = std::get_if<Unread>(&outcome)) {
        ADD_FAILURE() << unread->error.to_string();
      } else {
        break;
      }
    }
    return places;
  }

  /// A part of some entry, at times with a byte that is another.
  std::string some_part() {
    const std::string& text = entries_[random_() % entries_.size()].log_entry;
    if (text.empty()) return "e";
    const std::size_t at = random_() % text.size();
    const std::size_t most = random_() % 8 == 0 ? 90 : 14;
    std::string part = text.substr(at, 1 + random_() % most);
    if (random_() % 5 == 0) part[random_() % part.size()] = "aZ7:\" "[random_() % 6];
    if (random_() % 6 == 0) {
      for (char& c : part) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
      }
    }
    return part;
  }

  static std::string quoted(const std::string& text) {
    std::string out;
    for (const char c : text) {
      if (c == '\n' || c == '\0') return "e";
      if (std::string_view("\\^$.|?*+()[]{}").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
    return out;
  }

  /// A pattern of classes that `text` matches.
  std::string classes(const std::string& text) {
    std::string out;
    for (const char c : text) {
      const bool keeps = random_() % 5 == 0;
      if (c >= '0' && c <= '9' && !keeps) {
        out += one_of({"[0-9]", "\\d", "[0-9a-f]", "[[:digit:]]", "[0-46-9]", "[0-9]+"});
      } else if (c >= 'a' && c <= 'z' && !keeps) {
        out += one_of({"[a-z]", "[a-z]{1,2}", "[^ ]", "[[:alpha:]]", "[a-z]{1}"});
      } else {
        out += quoted(std::string(1, c));
      }
    }
    return out;
  }

  std::string one_of(const std::vector<std::string>& texts) { return texts[random_() % texts.size()]; }

  Expression some_test() {
    static const std::vector<Field> kFields = {{},
                                               {},
                                               {},
                                               {.kind = FieldKind::raw},
                                               {.kind = FieldKind::any},
                                               {.kind = FieldKind::named, .name = "user"},
                                               {.kind = FieldKind::named, .name = "peers"},
                                               {.kind = FieldKind::named, .name = "MESSAGE"}};
    const Field field = kFields[random_() % kFields.size()];
    MatchOptions options{.ignore_case = random_() % 3 == 0, .word = random_() % 4 == 0, .whole = random_() % 15 == 0};
    switch (random_() % 10) {
      case 8:
      case 9:
        return test_of(field, PatternTest{{classes(some_part())}, options});
      case 0:
        return test_of(field, PhraseTest{some_part(), random_() % 3 == 0, random_() % 3 == 0});
      case 1:
        return test_of(field,
                       ExactTest{{some_part(), entries_[random_() % entries_.size()].log_entry}, random_() % 2 == 0});
      case 2:
        return test_of(field, PatternTest{{quoted(some_part()) + "[a-z ]*" + quoted(some_part())}, options});
      case 3:
        return test_of(field, PatternTest{{quoted(some_part()) + "|" + quoted(some_part())}, options});
      case 4: {
        options.fixed = true;
        std::vector<std::string> patterns;
        for (std::size_t i = 0; i < 2 + random_() % 3; ++i) patterns.push_back(some_part());
        return test_of(field, PatternTest{patterns, options});
      }
      case 5:
        return test_of(field, SubstringTest{some_part(), random_() % 2 == 0});
      default:
        options.fixed = true;
        return test_of(field, PatternTest{{some_part()}, options});
    }
  }

  Expression some_expression() {
    switch (random_() % 8) {
      case 0:
        return none_of(some_test());
      case 1:
        return all_of({some_test(), test_of({.kind = FieldKind::sender}, ExactTest{{"host-1"}})});
      case 2:
        return all_of({some_test(), none_of(some_test())});
      case 3:
        return any_of({some_test(), some_test(), test_of({.kind = FieldKind::level}, LevelTest{0, 3})});
      case 4:
        return all_of({between(entries_[random_() % entries_.size()].time(), std::numeric_limits<Timestamp>::max()),
                       some_test()});
      default:
        return some_test();
    }
  }

  test::TempFolder folder_;
  const unsigned seed_ = std::random_device{}();
  Random random_;
  Lines lines_;
  std::vector<Entry> entries_;
  std::vector<SearchFile> files_;
};

TEST_F(SealedSearch, GivesWhatAPlainLoopDoes) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  for (int round = 0; round < 250 && !HasFailure(); ++round) {
    const Expression expression = some_expression();
    SCOPED_TRACE(to_text(expression));
    SearchOptions options{.threads = 1 + static_cast<unsigned>(random_() % 2)};
    options.wanted = {
        .sender = random_() % 2 == 0, .received = true, .text = random_() % 2 == 0, .time = random_() % 2 == 0};
    EXPECT_EQ(found(expression, options), naive(expression));
  }
}

// Levels are known from templates and columns, or from texts if these do not say.
TEST_F(SealedSearch, KnowsLevelsWithoutTexts) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  for (int round = 0; round < 100 && !HasFailure(); ++round) {
    const Expression expression = round % 5 == 0 ? Expression() : some_expression();
    SCOPED_TRACE(to_text(expression));
    SearchOptions options{.threads = 1 + static_cast<unsigned>(random_() % 2), .levels = true};
    if (random_() % 4 == 0) options.order = Order::backwards;
    options.wanted = {.sender = random_() % 2 == 0, .received = true, .text = random_() % 4 == 0, .time = false};
    Places wanted = naive(expression);
    if (options.order == Order::backwards) std::reverse(wanted.begin(), wanted.end());
    EXPECT_EQ(found(expression, options), wanted);
  }
}

// Without any of our own matchers: a literal is where std::string finds it.
TEST_F(SealedSearch, CountsALiteralAsFindDoes) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  for (int round = 0; round < 250 && !HasFailure(); ++round) {
    const std::string part = some_part();
    SCOPED_TRACE(quoted_text(part));
    Places wanted;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].log_entry.find(part) != std::string::npos) wanted.emplace_back(i / kEntries, i % kEntries);
    }
    const SearchOptions options{.wanted = {.sender = false, .received = false, .text = false, .time = false}};
    EXPECT_EQ(found(test_of({.kind = FieldKind::raw}, SubstringTest{part}), options), wanted);
  }
}

// Words that are bounded within their template, or next to a value, are counted without their text.
TEST_F(SealedSearch, CountsAWordAsALoopDoes) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  const SearchOptions options{.wanted = {.sender = false, .received = false, .text = false, .time = false}};
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  for (int round = 0; round < 120 && !HasFailure(); ++round) {
    std::string part = some_part();
    // Half of them are whole words of an entry.
    if (round % 2 == 0) {
      const std::string& text = entries_[random_() % entries_.size()].log_entry;
      std::size_t begin = text.empty() ? 0 : random_() % text.size();
      while (begin > 0 && is_word(text[begin - 1])) --begin;
      std::size_t end = begin;
      while (end < text.size() && is_word(text[end])) ++end;
      part = text.substr(begin, end - begin);
    }
    if (part.empty() || part.find('\n') != std::string::npos) continue;
    SCOPED_TRACE(quoted_text(part));
    for (const FieldKind kind : {FieldKind::message, FieldKind::raw}) {
      const Expression grep = test_of({.kind = kind}, PatternTest{{part}, {.fixed = true, .word = true}});
      EXPECT_EQ(found(grep, options), naive(grep));
      const Expression phrase = test_of({.kind = kind}, PhraseTest{part});
      EXPECT_EQ(found(phrase, options), naive(phrase));
    }
  }
}

// Counted by what frames tell, and by what each entry says, it is as many.
TEST_F(SealedSearch, CountsGroupsAsOneByOne) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  const CountBy level{{.kind = FieldKind::level}};
  const CountBy sender{{.kind = FieldKind::sender}};
  const CountBy minute{{.kind = FieldKind::time}, 60 * kNanosecondsPerSecond};
  const CountBy year{{.kind = FieldKind::received}, 365 * 86400 * kNanosecondsPerSecond};
  const CountBy file{{.kind = FieldKind::file_id}};
  const CountBy user{{.kind = FieldKind::named, .name = "user"}};
  const std::vector<std::vector<CountBy>> ways = {
      {}, {level}, {sender}, {minute}, {year}, {file, level}, {level, sender, minute}, {user}};
  for (int round = 0; round < 60 && !HasFailure(); ++round) {
    const Expression expression = random_() % 3 == 0 ? Expression() : some_expression();
    const std::vector<CountBy>& by = ways[random_() % ways.size()];
    SCOPED_TRACE(to_text(expression) + " by " + std::to_string(&by - ways.data()));
    std::map<std::vector<std::string>, std::uint64_t> wanted;
    for (const auto& [place, ordinal] : naive(expression)) {
      const Header header = header_of(place);
      const EntryView entry = entries_[place * kEntries + ordinal];
      const FoundEntry found{place, &header, ordinal, entry};
      std::vector<std::string> values;
      for (const CountBy& one : by) {
        const Timestamp time = one.field.kind == FieldKind::received ? entry.received : entry.time();
        values.push_back(one.step_ns > 0 ? std::string(format_rfc3339(time - time % one.step_ns).view())
                                         : value_of(found, name_of(one.field)));
      }
      ++wanted[values];
    }
    auto search =
        Search::create(files_, expression, {.threads = 1 + static_cast<unsigned>(random_() % 2), .count_by = by});
    ASSERT_TRUE(search);
    ASSERT_TRUE(std::holds_alternative<SearchEnd>(search->next()));
    const auto counts = search->counts();
    ASSERT_TRUE(counts);
    std::map<std::vector<std::string>, std::uint64_t> got;
    for (const EntryCount& counted : *counts) got[counted.values] += counted.count;
    EXPECT_EQ(got, wanted);
  }
}

Table made_by_one(const Query& query, const std::vector<FoundEntry>& entries) {
  Pipeline pipeline(query.pipes);
  for (const FoundEntry& entry : entries) {
    const auto more = pipeline.add(entry);
    EXPECT_TRUE(more);
    if (!more || !*more) break;
  }
  const auto table = pipeline.finish();
  EXPECT_TRUE(table);
  return table.value_or(Table());
}

std::vector<std::string> rows_of(const Table& table) {
  std::vector<std::string> rows;
  for (const TableRow& row : table.rows) rows.push_back(to_json(row));
  return rows;
}

TEST_F(SealedSearch, MakesTheTableThatEachEntryMakes) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  const char* const pipes[] = {"stats count() as n",
                               "stats by (level) count() as n, count() as m",
                               "stats by (level, _time:1m) count() as n | sort by (n desc, _time) limit 3",
                               "stats by (user) count() as n",
                               "stats by (sender) count() as n, max(user) as most",
                               "top 2 by (level)",
                               "top 5 by (level, sender) hits as n | fields n, sender",
                               "top 3 by (user)",
                               "limit 7 | stats by (level) count() as n",
                               "uniq by (level) with hits"};
  for (int round = 0; round < 60 && !HasFailure(); ++round) {
    const char* const text = pipes[random_() % std::size(pipes)];
    auto query = parse_query(std::string("* | ") + text, 0);
    ASSERT_TRUE(query) << query.error().to_string();
    query->expression = random_() % 3 == 0 ? Expression() : some_expression();
    SCOPED_TRACE(to_text(query->expression) + " | " + text);
    std::vector<Header> headers;
    for (std::size_t i = 0; i < files_.size(); ++i) headers.push_back(header_of(i));
    std::vector<FoundEntry> entries;
    for (const auto& [place, ordinal] : naive(query->expression)) {
      const EntryView entry = entries_[place * kEntries + ordinal];
      entries.push_back({place, &headers[place], ordinal, entry});
    }
    const auto made = make_table(files_, *query, {.threads = 1 + static_cast<unsigned>(random_() % 3)}, {},
                                 [](const Unread& unread) { ADD_FAILURE() << unread.error.to_string(); });
    ASSERT_TRUE(made);
    EXPECT_EQ(made->end, SearchEnd::Reason::done);
    EXPECT_EQ(rows_of(made->table), rows_of(made_by_one(*query, entries)));
  }
}

TEST_F(SealedSearch, ATableOfAPartIsNotGiven) {
  const auto query = parse_query("* | stats by (level) count() as n", 0);
  ASSERT_TRUE(query);
  std::stop_source stop;
  stop.request_stop();
  for (const unsigned threads : {1U, 2U}) {
    const auto made = make_table(files_, *query, {.threads = threads, .stop = stop.get_token()}, {}, {});
    ASSERT_TRUE(made);
    EXPECT_EQ(made->end, SearchEnd::Reason::stopped);
    EXPECT_TRUE(made->table.rows.empty());
  }
}

}  // namespace
}  // namespace towl
