// The filters next to a store's files: if any are damaged, stale or missing, a search still finds what a loop over all
// entries does. If a word is in no file, no file is opened. spec/store-filters.md
#include "towl/store_filters.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>

#include "query/watched_layer.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towl/file_writer.hpp"
#include "towl/query/entry_test.hpp"
#include "towl/query/search.hpp"
#include "towl/seal.hpp"

namespace towl {
namespace {

namespace fs = std::filesystem;
using test::WatchedLayer;
using Random = std::mt19937;
using Places = std::vector<std::pair<std::size_t, Ordinal>>;

std::string hex(Random& random) {
  char text[24];
  std::snprintf(text, sizeof text, "%08x%08x", static_cast<unsigned>(random()), static_cast<unsigned>(random()));
  return text;
}

Expression word(std::string text, bool ignore_case = false) {
  return test_of({}, PatternTest{{std::move(text)}, {.fixed = true, .ignore_case = ignore_case, .word = true}});
}

class StoreFilters : public testing::Test {
 protected:
  static constexpr std::uint64_t kEntries = 300;

  StoreFilters() { std::printf("seed %u\n", seed_); }

  Entry entry() {
    const std::string id = hex(random_);
    ids_.push_back(id);
    const std::string text = "request id=" + id + " took " + std::to_string(random_() % 1000) + " ms";
    switch (random_() % 8) {
      case 0:
        return {"h", 1, LogFormat::journal_json,
                R"({"MESSAGE":")" + text + R"(","n":)" + std::to_string(random_() % 99) + "}"};
      case 1:  // Escapes: of what is searched, and within the word.
        return {"h", 1, LogFormat::journal_json,
                R"({"MESSAGE":"a\tb \")" + id + R"(\" \u0041)" + id.substr(0, 6) + R"( end"})"};
      case 2:
        return {"h", 1, LogFormat::text, "\xff\xfe" + id + std::string("\0\x80", 2) + "x_" + id};
      case 3:
        return {"h", 1, LogFormat::text, "several\nlines " + id + "\n"};
      case 4:
        return {"h", 1, LogFormat::text, random_() % 2 == 0 ? "" : "r\xC3\xB6t" + id};
      default:
        return {"h", 1, LogFormat::text, text};
    }
  }

  fs::path path_of(FileId id) const { return folder_ / (std::to_string(id) + ".towl"); }

  enum class State { open, closed, sealed, sealed_with_filter };

  /// Replaces what is there, and what the loop looks at.
  void write(FileId id, State state, FileFormat format = FileFormat::v2, bool with_array = false) {
    const fs::path path = path_of(id);
    fs::remove(path);
    auto writer = FileWriter::create(path, {.file_id = id, .format = format});
    ASSERT_TRUE(writer);
    if (entries_.size() < id) entries_.resize(id);
    entries_[id - 1].clear();
    for (std::uint64_t i = 0; i < kEntries; ++i) {
      Entry one = entry();
      if (with_array && i == 7) {
        one.log_format = LogFormat::journal_json;
        one.log_entry = R"({"MESSAGE":[104,105,100,100,101,110,49]})";  // hidden1
      }
      ASSERT_TRUE(writer->append(one));
      entries_[id - 1].push_back(std::move(one));
    }
    if (state == State::open) {
      ASSERT_TRUE(writer->flush());
      return;
    }
    ASSERT_TRUE(writer->close());
    if (state == State::closed) return;
    std::string filter;
    ASSERT_TRUE(seal(path, {}, &filter));
    EXPECT_FALSE(filter.empty());
    if (state == State::sealed_with_filter) {
      ASSERT_TRUE(add_filter(path, filter));
    }
  }

  void write_all() {
    write(1, State::closed, FileFormat::v1);
    write(2, State::open);
    write(3, State::closed);
    for (FileId id = 4; id <= 9; ++id) write(id, State::sealed);
    write(10, State::sealed, FileFormat::v2, true);
    for (FileId id = 11; id <= 14; ++id) write(id, State::sealed_with_filter);
  }

  std::vector<SearchFile> files(const fs::path& folder) const {
    std::vector<SearchFile> files;
    for (std::size_t id = 1; id <= entries_.size(); ++id)
      files.push_back({.path = folder / (std::to_string(id) + ".towl")});
    return files;
  }

  Places search(const Expression& expression, unsigned threads = 1, Order order = Order::forwards,
                const fs::path& folder = {}) {
    auto made = Search::create(files(folder.empty() ? folder_.path() : folder), expression,
                               {.order = order, .threads = threads, .layer = &layer_});
    EXPECT_TRUE(made);
    Places places;
    for (;;) {
      const Outcome outcome = made->next();
      if (const auto* found = std::get_if<FoundEntry>(&outcome)) {
        places.emplace_back(found->file, found->ordinal);
      } else if (const auto* unread = std::get_if<Unread>(&outcome)) {
        ADD_FAILURE() << unread->error.to_string();
        return places;
      } else {
        if (order == Order::backwards) std::reverse(places.begin(), places.end());
        return places;
      }
    }
  }

  Places naive(const Expression& expression) const {
    auto test = EntryTest::create(expression);
    EXPECT_TRUE(test);
    Places places;
    for (std::size_t file = 0; file < entries_.size(); ++file) {
      for (std::size_t i = 0; i < entries_[file].size(); ++i) {
        if (test->passes(entries_[file][i])) places.emplace_back(file, i);
      }
    }
    return places;
  }

  /// Some IDs stand within longer words.
  std::string id_that_is_a_word() const {
    const auto found = std::find_if(ids_.begin(), ids_.end(), [&](const auto& id) { return !naive(word(id)).empty(); });
    EXPECT_NE(found, ids_.end());
    return *found;
  }

  /// A word that is there, a part of one, one that is not, in any case; alone, and together with others.
  Expression question() {
    const auto some = [&]() -> Expression {
      std::string text = random_() % 4 == 0 ? hex(random_) : ids_[random_() % ids_.size()];
      if (random_() % 5 == 0) text = text.substr(random_() % 4, 9);
      if (random_() % 5 == 0) text = "hidden1";
      const bool any_case = random_() % 3 == 0;
      if (any_case) {
        for (char& c : text) c = static_cast<char>(std::toupper(c));
      }
      if (random_() % 4 == 0) return test_of({}, SubstringTest{text, any_case});
      if (random_() % 4 == 0) return test_of({}, PhraseTest{"id=" + text, false, any_case});
      return word(text, any_case);
    };
    switch (random_() % 6) {
      case 0:
        return any_of({some(), some()});
      case 1:
        return all_of({some(), word("took")});
      case 2:
        return all_of({none_of(some()), some()});
      default:
        return some();
    }
  }

  void expect_same_answers(int questions, const fs::path& folder = {}) {
    for (int i = 0; i < questions; ++i) {
      const Expression expression = question();
      const auto order = random_() % 2 == 0 ? Order::forwards : Order::backwards;
      ASSERT_EQ(search(expression, 1 + static_cast<unsigned>(random_() % 2), order, folder), naive(expression))
          << to_text(expression);
    }
  }

  FilterReport update() {
    const auto report = update_filters(folder_.path(), {.layer = &layer_});
    EXPECT_TRUE(report) << report.error().to_string();
    return report.value_or(FilterReport());
  }

  fs::path filters() const { return folder_ / kFiltersName; }

  std::string bytes() const {
    std::ifstream file(filters(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  void set_bytes(const std::string& bytes) { std::ofstream(filters(), std::ios::binary) << bytes; }

  const unsigned seed_ = std::random_device()();
  Random random_{seed_};
  test::TempFolder folder_;
  WatchedLayer layer_;
  std::vector<std::vector<Entry>> entries_;
  std::vector<std::string> ids_;
};

TEST_F(StoreFilters, ASearchFindsWhatALoopOverAllEntriesDoes) {
  write_all();
  expect_same_answers(100);
  const auto report = update();
  EXPECT_EQ(report.files, 11U);
  EXPECT_EQ(report.made, 7U) << "four were made while their files were sealed";
  expect_same_answers(200);
}

TEST_F(StoreFilters, AWordThatIsNowhereOpensNoSealedFile) {
  for (FileId id = 1; id <= 20; ++id) write(id, State::sealed_with_filter);
  std::uint64_t opened = 0;
  for (int i = 0; i < 50; ++i) {
    layer_.opened = 0;
    EXPECT_TRUE(search(word(hex(random_)), 1 + static_cast<unsigned>(i % 2)).empty());
    opened += layer_.opened;
  }
  EXPECT_LE(opened, 40U) << "of 1000: more than 4% false positives";
  layer_.opened = 0;
  EXPECT_FALSE(search(word(id_that_is_a_word())).empty());
  EXPECT_LE(layer_.opened.load(), 4U);
}

TEST_F(StoreFilters, EachFilterIsAskedOnceASearch) {
  for (FileId id = 1; id <= 12; ++id) write(id, State::sealed_with_filter);
  for (int i = 0; i < 40; ++i) {
    const Expression expression = question();
    const auto order = i % 2 == 0 ? Order::forwards : Order::backwards;
    layer_.forget_asked();
    ASSERT_EQ(search(expression, 1 + static_cast<unsigned>(i % 4), order), naive(expression)) << to_text(expression);
    for (const auto& [path, times] : layer_.asked()) EXPECT_EQ(times, 1U) << path << ' ' << to_text(expression);
  }
}

TEST_F(StoreFilters, TheFirstEntriesComeBeforeTheFiltersOfAllFilesAreAsked) {
  constexpr FileId kFiles = 200;
  write(1, State::sealed_with_filter);
  const std::string there = id_that_is_a_word();
  for (FileId id = 2; id <= kFiles; ++id) {
    fs::copy(path_of(1), path_of(id));
    entries_.push_back(entries_.front());
  }
  layer_.forget_asked();
  layer_.let_ask(kFiles / 2);
  auto made = Search::create(files(folder_.path()), word(there), {.threads = 2, .layer = &layer_});
  ASSERT_TRUE(made);
  Outcome outcome = made->next();
  ASSERT_TRUE(std::holds_alternative<FoundEntry>(outcome));
  EXPECT_EQ(std::get<FoundEntry>(outcome).file, 0U);
  EXPECT_FALSE(layer_.asked_too_many());
  layer_.let_ask(SIZE_MAX);
  std::size_t found = 1;
  while (std::holds_alternative<FoundEntry>(outcome = made->next())) ++found;
  EXPECT_EQ(found, naive(word(there)).size());
}

TEST_F(StoreFilters, ASearchWithoutTimeTellsWhatItDidNotLookAt) {
  for (FileId id = 1; id <= 8; ++id) write(id, State::sealed_with_filter);
  for (const unsigned threads : {1U, 2U, 4U}) {
    std::stop_source stop;
    stop.request_stop();
    auto made = Search::create(files(folder_.path()), word(ids_.back()),
                               {.threads = threads, .stop = stop.get_token(), .layer = &layer_});
    ASSERT_TRUE(made);
    const Outcome outcome = made->next();
    const auto* const end = std::get_if<SearchEnd>(&outcome);
    ASSERT_NE(end, nullptr);
    EXPECT_EQ(end->reason, SearchEnd::Reason::stopped);
    EXPECT_LT(end->next.file, 8U);
    EXPECT_EQ(end->next.ordinal, 0U);
  }
}

TEST_F(StoreFilters, AFilterThatIsLostIsMadeFromItsFileOnce) {
  write(1, State::sealed_with_filter);
  const std::string made = bytes();
  fs::remove(filters());
  EXPECT_EQ(update().made, 1U);
  EXPECT_EQ(update().made, 0U);
  const auto most = fs::file_size(path_of(1)) / 8 + 256;
  EXPECT_LE(made.size(), most);
  EXPECT_LE(bytes().size(), most);
  expect_same_answers(50);
}

TEST_F(StoreFilters, DamageCostsNothingButSpeed) {
  write_all();
  update();
  const std::string good = bytes();
  for (int i = 0; i < 60; ++i) {
    std::string bad = good;
    switch (random_() % 5) {
      case 0:
        bad.resize(random_() % bad.size());
        break;
      case 1:
        bad.replace(random_() % (bad.size() - 512), 512, std::string(512, '\0'));
        break;
      case 2:
        bad.insert(random_() % bad.size(), bad.substr(random_() % (bad.size() - 64), 64));
        break;
      case 3: {  // A block in another one's place.
        const std::size_t from = random_() % (bad.size() / 64) * 64;
        bad.replace(random_() % (bad.size() / 64) * 64, 64, good.substr(from, 64));
        break;
      }
      default:
        for (int flips = 0; flips < 200; ++flips) {
          const std::size_t at = random_() % bad.size();
          bad[at] = static_cast<char>(bad[at] ^ (1 << (random_() % 8)));
        }
    }
    set_bytes(bad);
    ASSERT_NO_FATAL_FAILURE(expect_same_answers(8)) << "damage " << i;
  }
  // What was damaged is made again, and what was torn off is no hindrance.
  set_bytes(good.substr(0, good.size() - 100));
  update();
  layer_.opened = 0;
  EXPECT_TRUE(search(word(hex(random_))).empty());
  EXPECT_LE(layer_.opened.load(), 6U);
  fs::remove(filters());
  EXPECT_EQ(update().made, 11U);
  expect_same_answers(50);
}

TEST_F(StoreFilters, AFileThatWasReplacedHasNoFilterUntilItIsMadeAgain) {
  write_all();
  update();
  // By another one, of other entries, twice, so that numbers of files come again.
  for (int i = 0; i < 4; ++i) {
    write(5, State::sealed);
    write(6, State::sealed);
    expect_same_answers(20);
    const auto ids = std::vector<std::string>(ids_.end() - 50, ids_.end());
    for (const std::string& id : ids) ASSERT_EQ(search(word(id)), naive(word(id)));
    if (i % 2 == 1) {
      EXPECT_EQ(update().made, 2U);
    }
  }
  // A filter that comes too late: the file is another one by now.
  std::string filter;
  const fs::path path = path_of(7);
  write(7, State::closed);
  ASSERT_TRUE(seal(path, {}, &filter));
  for (const State state : {State::closed, State::sealed}) {
    const std::string before = bytes();
    write(7, state);
    ASSERT_TRUE(add_filter(path, filter));
    EXPECT_EQ(bytes(), before);
  }
  expect_same_answers(20);
  for (std::size_t i = ids_.size() - 50; i < ids_.size(); ++i) ASSERT_EQ(search(word(ids_[i])), naive(word(ids_[i])));
}

TEST_F(StoreFilters, ACopyOfTheFolderIsToldAgainWithoutReadingTheFiles) {
  write_all();
  update();
  const fs::path copy = folder_ / "copy";
  fs::copy(folder_.path(), copy);
  expect_same_answers(50, copy);
  layer_.file_bytes = 0;
  const auto report = update_filters(copy, {.layer = &layer_});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->made, 0U);
  EXPECT_EQ(report->files, 11U);
  expect_same_answers(50, copy);
  layer_.opened = 0;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(search(word(hex(random_)), 1, Order::forwards, copy).empty());
  EXPECT_LE(layer_.opened.load(), 60U);
}

TEST_F(StoreFilters, FiltersOfFilesThatAreGoneAreLetGo) {
  for (FileId id = 1; id <= 4; ++id) write(id, State::sealed_with_filter);
  const std::string once = bytes();
  // As retention removes them; the log keeps what is not worth a rewrite.
  std::string many;
  while (many.size() < (std::size_t{3} << 20)) many += once;
  set_bytes(many);
  fs::remove(path_of(1));
  entries_[0].clear();
  const auto report = update();
  EXPECT_EQ(report.files, 3U);
  EXPECT_EQ(report.made, 0U);
  EXPECT_LT(bytes().size(), once.size());
  EXPECT_EQ(bytes().size(), report.bytes);
  EXPECT_FALSE(fs::exists(filters().string() + ".new"));
  for (FileId id = 2; id <= 4; ++id) EXPECT_GT(filter_bytes(path_of(id)), 0U);
}

TEST_F(StoreFilters, AFolderThatTakesNothingIsSearchedAllTheSame) {
  write_all();
  layer_.read_only = true;
  EXPECT_FALSE(update_filters(folder_.path(), {.layer = &layer_}));
  expect_same_answers(50);
}

TEST_F(StoreFilters, ReadersNeedNoLockWhileTheFiltersAreRewritten) {
  write_all();
  update();
  std::vector<std::pair<Expression, Places>> asked;
  for (int i = 0; i < 20; ++i) {
    Expression expression = question();
    Places places = naive(expression);
    asked.emplace_back(std::move(expression), std::move(places));
  }
  std::atomic<bool> done = false;
  std::thread writer([&] {
    const std::string good = bytes();
    for (int i = 0; i < 300; ++i) {
      if (i % 3 == 0) fs::remove(filters());
      EXPECT_TRUE(update_filters(folder_.path()));
      std::ofstream(filters(), std::ios::binary | std::ios::app)
          << good.substr(0, 64 * static_cast<std::size_t>(i % 100)) << "torn";
    }
    done = true;
  });
  while (!done) {
    for (const auto& [expression, places] : asked) EXPECT_EQ(search(expression, 2), places) << to_text(expression);
  }
  writer.join();
}

// As in an archive: objects next to the files, of which a few bytes are read.
TEST_F(StoreFilters, FiltersOfSingleFilesAnswerAsWell) {
  write_all();
  update();
  for (const bool with_log : {true, false}) {
    if (!with_log) fs::remove(filters());
    fs::remove_all(folder_ / "filters");
    fs::create_directory(folder_ / "filters");
    for (FileId id = 4; id <= 14; ++id) {
      const auto filter = archived_filter(path_of(id), layer_.stamp(path_of(id)));
      ASSERT_TRUE(filter);
      std::ofstream(folder_ / filter_object_name(id), std::ios::binary) << *filter;
    }
    EXPECT_FALSE(archived_filter(path_of(3), "x")) << "it is not sealed";
  }
  expect_same_answers(200);
  layer_.opened = 0;
  layer_.filter_bytes = 0;
  EXPECT_TRUE(search(word(hex(random_))).empty());
  EXPECT_LE(layer_.opened.load(), 7U);
  EXPECT_LE(layer_.filter_bytes.load(), 11 * 1024U);
  // Another file's, damaged ones, and none.
  fs::copy_file(folder_ / filter_object_name(5), folder_ / filter_object_name(6), fs::copy_options::overwrite_existing);
  fs::resize_file(folder_ / filter_object_name(7), 300);
  fs::remove(folder_ / filter_object_name(8));
  expect_same_answers(100);
}

}  // namespace
}  // namespace towl
