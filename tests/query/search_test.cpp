// Search against a plain loop over all entries: the same entries for every question, file format, order and number of
// threads.
#include "towl/query/search.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <random>

#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towl/file_writer.hpp"
#include "towl/query/context_search.hpp"
#include "towl/query/entry_test.hpp"
#include "towl/query/language.hpp"
#include "towl/seal.hpp"

namespace towl {
namespace {

using test::numbered_entries;
using test::numbered_entry;
using Place = std::pair<std::size_t, Ordinal>;
using Places = std::vector<Place>;
using Random = std::mt19937;

std::vector<SearchFile> files_at(const std::vector<std::filesystem::path>& paths) {
  std::vector<SearchFile> files;
  for (const auto& path : paths) files.push_back({.path = path});
  return files;
}

struct Walked {
  Places places;
  std::vector<Entry> entries;
  std::vector<Error> errors;
  SearchEnd end;
};

template <class Next>
Walked walk(Next next) {
  Walked walked;
  for (;;) {
    const Outcome outcome = next();
    if (const auto* found = std::get_if<FoundEntry>(&outcome)) {
      EXPECT_NE(found->header, nullptr);
      walked.places.emplace_back(found->file, found->ordinal);
      walked.entries.emplace_back(found->entry);
    } else if (const auto* unread = std::get_if<Unread>(&outcome)) {
      walked.errors.push_back(unread->error);
      if (walked.errors.size() > 20) {
        ADD_FAILURE() << unread->error.to_string();
        return walked;
      }
    } else {
      walked.end = std::get<SearchEnd>(outcome);
      return walked;
    }
  }
}

Walked search(const std::vector<SearchFile>& files, const Expression& expression = {},
              const SearchOptions& options = {}) {
  auto made = Search::create(files, expression, options);
  EXPECT_TRUE(made) << made.error().to_string();
  if (!made) return {};
  return walk([&] { return made->next(); });
}

class SearchTest : public testing::Test {
 protected:
  /// A file of entries `first` and on, in frames of three.
  std::filesystem::path write(FileId id, std::uint64_t first, std::uint64_t count, FileFormat format = FileFormat::v2) {
    const auto path = folder_ / (std::to_string(id) + ".towl");
    auto writer = FileWriter::create(path, {.file_id = id, .format = format});
    EXPECT_TRUE(writer);
    for (std::uint64_t i = 0; i < count; ++i) {
      EXPECT_TRUE(writer->append(numbered_entry(first + i)));
      if (i % 3 == 2) {
        EXPECT_TRUE(writer->flush());
      }
    }
    EXPECT_TRUE(writer->close());
    return path;
  }

  static void damage(const std::filesystem::path& path, std::uint64_t ordinal) {
    auto reader = FileReader::open(path);
    ASSERT_TRUE(reader->seek(ordinal));
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    ASSERT_TRUE(reader->next());
    ASSERT_TRUE(reader->seek(ordinal));
    file.seekp(static_cast<std::streamoff>(reader->position().offset));
    file.write("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
  }

  test::TempFolder folder_;
};

const std::vector<SearchOptions> kWays = {{}, {.threads = 3}};

TEST_F(SearchTest, GivesFileAfterFile) {
  const auto files = files_at({write(1, 0, 3), write(2, 3, 0), write(5, 3, 2)});
  for (const SearchOptions& way : kWays) {
    const Walked walked = search(files, {}, way);
    EXPECT_EQ(walked.entries, numbered_entries(0, 5));
    EXPECT_EQ(walked.places, (Places{{0, 0}, {0, 1}, {0, 2}, {2, 0}, {2, 1}}));
    EXPECT_EQ(walked.end.reason, SearchEnd::Reason::done);
  }
  EXPECT_TRUE(search({}).places.empty());
  EXPECT_TRUE(search({}, {}, {.order = Order::backwards}).places.empty());
}

TEST_F(SearchTest, KeepsToTheTimeRangeAndTheOrdinals) {
  auto files = files_at({write(1, 0, 10), write(2, 10, 10)});
  const Expression range = between(numbered_entry(5).received, numbered_entry(12).received);
  for (SearchOptions way : kWays) {
    EXPECT_EQ(search(files, range, way).entries, numbered_entries(5, 7));
    way.order = Order::backwards;
    EXPECT_EQ(search(files, range, way).entries.size(), 7u);
  }
  files[0].from = 8;
  files[1].end = 4;
  for (SearchOptions way : kWays) {
    EXPECT_EQ(search(files, {}, way).entries, numbered_entries(8, 6));
    way.order = Order::backwards;
    const Walked back = search(files, {}, way);
    EXPECT_EQ(back.entries.size(), 6u);
    EXPECT_EQ(back.entries.front(), numbered_entry(13));
  }
}

TEST_F(SearchTest, EndsAtTheLimitAndSaysWhereItGoesOn) {
  const auto files = files_at({write(1, 0, 10), write(2, 10, 10)});
  for (SearchOptions way : kWays) {
    way.limit = 12;
    const Walked walked = search(files, {}, way);
    EXPECT_EQ(walked.entries, numbered_entries(0, 12));
    EXPECT_EQ(walked.end.reason, SearchEnd::Reason::limit);
    EXPECT_EQ(walked.end.next.file, 1u);
    EXPECT_EQ(walked.end.next.ordinal, 2u);
    way.limit = 0;
    EXPECT_TRUE(search(files, {}, way).entries.empty());
  }
}

// Even with very little time a search makes progress: asked again from where it ended, it gives the rest.
TEST_F(SearchTest, EndsAtItsDeadlineAndComesOn) {
  const auto files = files_at({write(1, 0, 10), write(2, 10, 10), write(3, 20, 10)});
  for (SearchOptions way : kWays) {
    way.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
    std::vector<Entry> all;
    auto left = files;
    for (int i = 0; i < 100 && !left.empty(); ++i) {
      const Walked walked = search(left, {}, way);
      all.insert(all.end(), walked.entries.begin(), walked.entries.end());
      if (walked.end.reason == SearchEnd::Reason::done) break;
      EXPECT_EQ(walked.end.reason, SearchEnd::Reason::deadline);
      left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(walked.end.next.file));
      left.front().from = walked.end.next.ordinal;
    }
    EXPECT_EQ(all, numbered_entries(0, 30));
  }
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(search(files, {}, {.stop = stop.get_token()}).end.reason, SearchEnd::Reason::stopped);
}

TEST_F(SearchTest, TheLastFileMayGrowAndFilesBeAdded) {
  const auto path = folder_ / "1.towl";
  auto writer = FileWriter::create(path, {.file_id = 1});
  auto made = Search::create(files_at({path}), {});
  ASSERT_TRUE(made);
  const auto next = [&] { return made->next(); };
  EXPECT_TRUE(walk(next).entries.empty());
  ASSERT_TRUE(writer->append(test::views(numbered_entries(0, 4))));
  ASSERT_TRUE(writer->flush());
  EXPECT_TRUE(walk(next).entries.empty()) << "the end is the end until go_on()";
  made->go_on();
  EXPECT_EQ(walk(next).entries, numbered_entries(0, 4));
  made->go_on(files_at({write(2, 4, 2)}));
  EXPECT_EQ(walk(next).entries, numbered_entries(4, 2));
}

TEST_F(SearchTest, ADamagedFileIsAnErrorOnceAndDoesNotHideTheOthers) {
  const std::vector<std::filesystem::path> paths = {write(1, 0, 10), write(2, 10, 10, FileFormat::v1),
                                                    folder_ / "missing.towl", write(3, 20, 10)};
  damage(paths[1], 4);
  for (SearchOptions way : kWays) {
    Walked walked = search(files_at(paths), {}, way);
    EXPECT_EQ(walked.errors.size(), 2u);
    EXPECT_EQ(walked.entries.size(), 24u);
    way.order = Order::backwards;
    walked = search(files_at(paths), {}, way);
    EXPECT_EQ(walked.errors.size(), 2u);
    EXPECT_EQ(walked.entries.size(), 24u);
    EXPECT_EQ(walked.entries.back(), numbered_entry(0));
    EXPECT_EQ(walked.entries[10], numbered_entry(13));
  }
}

// Of a file of format 2 one frame is lost, here of three entries.
TEST_F(SearchTest, GoesOnBehindADamagedFrame) {
  const std::vector<std::filesystem::path> paths = {write(1, 0, 10), write(2, 10, 10)};
  damage(paths[0], 4);
  for (SearchOptions way : kWays) {
    Walked walked = search(files_at(paths), {}, way);
    ASSERT_EQ(walked.errors.size(), 1u);
    EXPECT_EQ(walked.errors[0].ordinal, 0u)
        << "seek() back leaves the reader at the first frame: that is the damaged one";
    EXPECT_EQ(walked.entries.size(), 17u);
    EXPECT_EQ(walked.entries[3], numbered_entry(6));
    way.order = Order::backwards;
    walked = search(files_at(paths), {}, way);
    EXPECT_EQ(walked.errors.size(), 1u);
    EXPECT_EQ(walked.entries.size(), 17u);
    EXPECT_EQ(walked.entries[13], numbered_entry(6));
  }
}

TEST_F(SearchTest, PatternsThatAreNoneAreRefused) {
  EXPECT_FALSE(Search::create({}, test_of({}, PatternTest{{"("}, {}})));
  EXPECT_FALSE(Search::create({}, all_of({between(0, 1), none_of(test_of({}, PatternTest{{"a", "["}, {}}))})));
}

/// Files of all kinds with the same sort of entries: texts and journal entries of a few words, more of some in one place.
class GeneratedSearch : public SearchTest {
 protected:
  static constexpr std::uint64_t kEntries = 4000;

  GeneratedSearch() : random_(seed_) {
    write_generated(1, FileFormat::v1, false, kEntries / 4);
    write_generated(2, FileFormat::v2, false, kEntries / 2);
    write_generated(3, FileFormat::v2, true, kEntries);
    write_generated(4, FileFormat::v2, true, 40);
  }

  static Timestamp time_of(std::uint64_t number) { return static_cast<Timestamp>(number) * kNanosecondsPerSecond; }

  std::string some_text(std::uint64_t number) {
    std::string text;
    for (int i = 0; i < 9; ++i) text += kParts[(number / 1500 + random_() % 11) % kParts.size()];
    return text;
  }

  void write_generated(FileId id, FileFormat format, bool sealed, std::uint64_t count) {
    const auto path = folder_ / (std::to_string(id) + ".towl");
    auto writer = FileWriter::create(path, {.file_id = id, .title = "title-" + std::to_string(id), .format = format});
    ASSERT_TRUE(writer);
    for (std::uint64_t i = 0; i < count; ++i) {
      std::string text = some_text(i);
      const bool journal = i % 5 == 0;
      if (journal) {
        text = R"({"MESSAGE":"one\ntwo )" + std::to_string(i) + R"( \u0041bc disk","PRIORITY":")" +
               std::to_string(i % 8) + R"(","n":)" + std::to_string(i % 100) + R"(,"user":"u)" + std::to_string(i % 7) +
               R"("})";
      }
      if (i % 50 == 0) text = R"({"MESSAGE":[100,105,115,107,255],"PRIORITY":"3"})";
      Entry entry("host-" + std::to_string(i % 97 == 0 ? 9 : i / 700 % 3), time_of(i),
                  journal ? LogFormat::journal_json : LogFormat::text, text);
      entry.set_time(time_of(i) - static_cast<Timestamp>(random_() % 20) * kNanosecondsPerSecond);
      ASSERT_TRUE(writer->append(entry));
      if (i % 400 == 399) {
        ASSERT_TRUE(writer->flush());
      }
    }
    ASSERT_TRUE(writer->close());
    if (sealed) {
      ASSERT_TRUE(seal(path));
    }
    files_.push_back({.path = path});
  }

  Places naive(const Expression& expression) {
    auto test = EntryTest::create(expression);
    EXPECT_TRUE(test) << to_text(expression) << ": " << test.error().to_string();
    Places places;
    for (std::size_t file = 0; test && file < files_.size(); ++file) {
      auto reader = FileReader::open(files_[file].path);
      for (auto entry = reader->next(); entry && *entry; entry = reader->next()) {
        if (test->passes(**entry, reader->header(), reader->ordinal())) places.emplace_back(file, reader->ordinal());
      }
    }
    return places;
  }

  template <class T>
  const T& any_of_these(const std::vector<T>& values) {
    return values[random_() % values.size()];
  }

  std::string some_part(std::size_t most) {
    std::string part;
    for (std::size_t i = 0; i < 1 + random_() % most; ++i) part += any_of_these(kParts);
    return part;
  }

  Expression some_test() {
    const Field where = any_of_these<Field>({{}, {}, {}, {.kind = FieldKind::raw}, {.kind = FieldKind::any}});
    switch (random_() % 14) {
      case 0:
        return test_of(where, PhraseTest{some_part(2), random_() % 3 == 0, random_() % 3 == 0});
      case 1:
        return test_of(where, SubstringTest{some_part(3), random_() % 2 == 0});
      case 2:
      case 3: {
        const std::vector<std::string> patterns = {"disk",         "fu+ll",        "^one",        "two [0-9]+",
                                                   "full.*disk",   R"(\<disk\>)",  R"(error_\d)", "[[:alpha:]]+_",
                                                   "Abc",          "a-b|x=y",      R"(\bfull\b)", "sda1$",
                                                   "(disk|full) ", "\xE2\x84\xAA", "zzz"};
        std::vector<std::string> some = {any_of_these(patterns)};
        if (random_() % 3 == 0) some.push_back(any_of_these(patterns));
        return test_of(
            where,
            PatternTest{some,
                        {.ignore_case = random_() % 3 == 0, .word = random_() % 4 == 0, .whole = random_() % 12 == 0}});
      }
      case 4:
        return test_of(where,
                       PatternTest{{some_part(2)},
                                   {.fixed = true, .ignore_case = random_() % 2 == 0, .word = random_() % 2 == 0}});
      case 5:
        return test_of({.kind = FieldKind::sender}, ExactTest{{"host-" + std::to_string(random_() % 10)}});
      case 6: {
        const Timestamp since = time_of(random_() % kEntries);
        return between(since, since + time_of(random_() % 2000));
      }
      case 7:
        return test_of({.kind = FieldKind::level}, LevelTest{0, static_cast<Level>(random_() % 8)});
      case 8:
        return test_of(
            {.kind = FieldKind::named, .name = any_of_these<std::string>({"user", "n", "nobody", "MESSAGE"})},
            ExistsTest{});
      case 9:
        return test_of({.kind = FieldKind::named, .name = "user"}, PhraseTest{"u" + std::to_string(random_() % 9)});
      case 10:
        return test_of({.kind = FieldKind::named, .name = "n"},
                       RangeTest{.least = static_cast<double>(random_() % 100)});
      case 11:
        return test_of({.kind = FieldKind::title}, ExactTest{{"title-" + std::to_string(1 + random_() % 5)}});
      case 12:
        return test_of({.kind = FieldKind::named, .name = any_of_these<std::string>({"user", "_HOSTNAME"})},
                       ExactTest{{any_of_these<std::string>({"u3", "", "host-1"})}});
      default:
        return test_of({.kind = FieldKind::ordinal}, RangeTest{.most = static_cast<double>(random_() % kEntries)});
    }
  }

  Expression some_expression(int depth) {
    const auto choice = depth == 0 ? 9 : random_() % 10;
    if (choice > 5) return some_test();
    if (choice == 5) return none_of(some_expression(depth - 1));
    std::vector<Expression> parts;
    for (std::size_t i = 0; i < 2 + random_() % 2; ++i) parts.push_back(some_expression(depth - 1));
    return choice < 3 ? all_of(std::move(parts)) : any_of(std::move(parts));
  }

  const std::vector<std::string> kParts = {"disk", "full",   "Disk", "error_1", "a-b",      "x=y", "\xE2\x84\xAA",
                                           "42",   "/dev/",  "sda1", " ",       ", ",       ":",   "\n",
                                           " ",    "Failed", "_",    "\xff",    "caf\u00e9"};
  const unsigned seed_ = std::random_device{}();
  Random random_;
  std::vector<SearchFile> files_;
};

TEST_F(GeneratedSearch, GivesWhatAPlainLoopDoesWhateverTheQuestion) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  for (int round = 0; round < 200 && !HasFailure(); ++round) {
    const Expression expression = some_expression(2);
    SCOPED_TRACE(to_text(expression));
    Places wanted = naive(expression);
    SearchOptions options{.threads = 1 + static_cast<unsigned>(random_() % 3)};
    options.wanted.text = random_() % 3 != 0;
    ASSERT_EQ(search(files_, expression, options).places, wanted);
    const auto read = parse_expression(to_text(expression), now());
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(search(files_, *read).places, wanted) << to_text(*read);
    std::reverse(wanted.begin(), wanted.end());
    options.order = Order::backwards;
    ASSERT_EQ(search(files_, expression, options).places, wanted);
    options.limit = 5;
    wanted.resize(std::min<std::size_t>(wanted.size(), 5));
    ASSERT_EQ(search(files_, expression, options).places, wanted);
  }
}

TEST_F(GeneratedSearch, NeighboursAreThoseOfThePlainLoop) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  std::vector<Ordinal> counts;
  for (const SearchFile& file : files_) counts.push_back(FileReader::open(file.path)->skip_to_end()->ordinal);
  for (int round = 0; round < 30; ++round) {
    const Expression expression = all_of({some_test(), some_test()});
    SCOPED_TRACE(to_text(expression));
    const Context context{random_() % 4, random_() % 4};
    std::map<Place, bool> wanted;  // … and whether it is a match.
    for (const auto& [file, ordinal] : naive(expression)) {
      const Ordinal begin = ordinal - std::min<Ordinal>(ordinal, context.before);
      for (Ordinal i = begin; i <= ordinal + context.after && i < counts[file]; ++i) wanted[{file, i}] |= i == ordinal;
    }
    auto made = Search::create(files_, expression, {.threads = 1 + static_cast<unsigned>(random_() % 2)});
    ASSERT_TRUE(made);
    ContextSearch entries(std::move(*made), context);
    std::vector<std::pair<Place, bool>> got;
    for (;;) {
      bool is_match = false;
      const Outcome outcome = entries.next(is_match);
      const auto* found = std::get_if<FoundEntry>(&outcome);
      if (found == nullptr) break;
      got.emplace_back(Place{found->file, found->ordinal}, is_match);
    }
    ASSERT_EQ(got, (std::vector<std::pair<Place, bool>>(wanted.begin(), wanted.end())));
  }
}

// Frames whose filters lack a word that an expression requires are not read. A word that looks like an identifier: others
// may be left out of a filter.
TEST_F(SearchTest, FramesWithoutTheWordAreNotRead) {
  const auto path = folder_ / "1.towl";
  {
    auto writer = FileWriter::create(path, {.file_id = 1});
    for (int i = 0; i < 200'000; ++i) {
      ASSERT_TRUE(writer->append(
          Entry("host", i, LogFormat::text,
                i == 40'000 ? "the Needle5b1f77 is here" : "hay of a hundred bytes, " + std::to_string(i))));
    }
    ASSERT_TRUE(writer->close());
    ASSERT_TRUE(seal(path));
  }
  auto reader = FileReader::open(path, {.words = {{"needle5B1F77"}}});
  std::uint64_t read = 0;
  bool found = false;
  for (auto batch = reader->next_batch(); batch && *batch; batch = reader->next_batch()) {
    read += (*batch)->entries.size();
    found |= (*batch)->first <= 40'000 && 40'000 < (*batch)->first + (*batch)->entries.size();
  }
  EXPECT_TRUE(found);
  EXPECT_LT(read, 200'000u * 3 / 4) << "the last frame is always read";
  EXPECT_GT(read, 0u);
}

}  // namespace
}  // namespace towl
