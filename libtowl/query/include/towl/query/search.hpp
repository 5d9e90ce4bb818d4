// Search gives the entries of many files that an expression wants, in the order of files and ordinals or backwards.
//
// Plan:      files and frames that cannot have any such entry are passed over: by the times of the index, by title and
//            organisation, by the directory's times and the words in the filters of sealed files. Direction, limits and
//            context change nothing about that.
// Scan:      what is left is read in pieces, by several threads where wanted; results come in order, the first ones at once.
// Memory:    a piece a thread, and `max_buffered_bytes` and a little more of results that were not taken yet.
// Outcomes:  an entry, something that could not be read, and the end with its reason are three things. What is damaged does
//            not hide what can be read.
// Ownership: a view that next() gave lives until the next call.
// Threads:   one at a time; the search's own ones end with it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "towl/entry.hpp"
#include "towl/file_layer.hpp"
#include "towl/header.hpp"
#include "towl/query/expression.hpp"
#include "towl/record/level.hpp"
#include "towl/result.hpp"

namespace towl {

enum class Order : std::uint8_t { forwards, backwards };

/// A file to search, or a part of it.
struct SearchFile {
  std::filesystem::path path;
  Ordinal from = 0;           ///< Entries before this are not looked at …
  Ordinal end = ~Ordinal{0};  ///< … nor are this and later ones: what is not durable yet, say.
};

/// What entries are counted by: the first value of a field, or, of a time, the bucket of `step_ns` that it is in, as text.
struct CountBy {
  Field field = {};
  std::int64_t step_ns = 0;  ///< Of the fields `time` and `received` alone; 0: the value itself.
};

/// How many entries have these values, one for each CountBy.
struct EntryCount {
  std::vector<std::string> values = {};
  std::uint64_t count = 0;
};

/// An entry that was found.
struct FoundEntry {
  std::size_t file = 0;            ///< Place in the list of files.
  const Header* header = nullptr;  ///< Its file's. Never nullptr in what a search gives.
  Ordinal ordinal = 0;
  EntryView entry = {};
  /// With SearchOptions::levels: what RecordView::level() says of it.
  std::optional<Level> level = {};

  FileId file_id() const { return header == nullptr ? 0 : header->file_id; }
};

/// Takes entries in the thread that found them.
class EntryTaker {
 public:
  virtual ~EntryTaker() = default;
  /// One call at a time; views live as long as it.
  virtual void take(const FoundEntry& entry) = 0;
};

struct SearchOptions {
  Order order = Order::forwards;
  std::uint64_t limit = UINT64_MAX;  ///< So many entries are enough.
  unsigned threads = 1;              ///< 1: in the caller's; 0: as many as there are cores.
  /// What the caller wants to have of entries. What the expression looks at is read anyway. Without `text` texts are empty.
  Wanted wanted = {};
  /// FoundEntry::level is wanted. Of sealed entries it is mostly known without their texts, for a tenth of what these cost.
  bool levels = false;
  /// Given: entries are counted by these and not given, for less than it costs to give them; Search::counts() has how many.
  /// Neither `limit` nor `wanted` matters then. None at all counts them all together.
  std::optional<std::vector<CountBy>> count_by = {};
  /// Given: entries go to these, one a thread, and are not given by next(): each entry to one of them, in no order. There are
  /// as many threads then. They must outlive the search. `limit` does not matter; not together with `count_by`.
  std::vector<EntryTaker*> takers = {};
  /// The search ends soon after this: within about a tenth of a second, or what it takes to look at a single long entry.
  std::optional<std::chrono::steady_clock::time_point> deadline = {};
  std::stop_token stop = {};  ///< As the deadline.
  std::size_t max_buffered_bytes = std::size_t{8} << 20;
  FileLayer* layer = nullptr;  ///< nullptr: posix_file_layer(). Must outlive the search.
};

/// What could not be read: a damaged frame with its ordinals, a file that cannot be opened. The search goes on after it.
struct Unread {
  std::size_t file = 0;
  Error error = {};
};

/// Where a search goes on, or began.
struct SearchPlace {
  std::size_t file = 0;
  Ordinal ordinal = 0;
};

struct SearchEnd {
  enum class Reason {
    done,      ///< All was looked at; more may be stored meanwhile, and go_on() looks for it.
    limit,     ///< As many were found as were asked for.
    deadline,  ///< There was no more time.
    stopped,   ///< Somebody asked for it.
  };
  Reason reason = Reason::done;
  /// What was not looked at begins here; forwards alone. Of `done`: where the last file ends.
  SearchPlace next = {};
};

using Outcome = std::variant<FoundEntry, Unread, SearchEnd>;

class Search {
 public:
  /// Errors: invalid_argument: a pattern that is none, or too large.
  static Result<Search> create(std::vector<SearchFile> files, Expression expression, const SearchOptions& options = {});

  Search(Search&&) noexcept;
  Search& operator=(Search&&) noexcept;
  ~Search();

  /// The next one. After the end: the end again, until go_on().
  Outcome next();

  /// After the end `done`, forwards: looks again for what was added to the last file meanwhile, and into `more` files.
  void go_on(std::vector<SearchFile> more = {});

  /// With SearchOptions::count_by, after the end: the groups that have entries, in any order. Errors: no_space: there are
  /// more than 131,072.
  Result<std::vector<EntryCount>> counts() const;

  const std::vector<SearchFile>& files() const;

 private:
  class Impl;
  explicit Search(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace towl
