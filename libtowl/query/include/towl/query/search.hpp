// Search gives the entries of many files that an expression wants, in the order of files and ordinals or backwards.
//
// Plan:      files and frames that cannot have any such entry are skipped: by the times of the index, by title and
//            organisation, by the directory's times and the words in the filters of sealed files. Direction, limits and
//            context do not change that.
// Scan:      the rest is read in pieces, by several threads if wanted; results come in order, the first ones at once.
// Memory:    a piece a thread, and `max_buffered_bytes` and a little more of results that were not taken yet.
// Outcomes:  an entry, something that could not be read, and the end with its reason are three different outcomes.
//            Damage does not hide what can be read.
// Ownership: a view that next() gave lives until the next call.
// Threads:   one at a time; the search's own threads end with it.
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
  Ordinal end = ~Ordinal{0};  ///< … and neither are this and later ones: those that are not durable yet, say.
};

/// What entries are counted by, as text: the first value of a field, or, for a time, its bucket of `step_ns`.
struct CountBy {
  Field field = {};
  std::int64_t step_ns = 0;  ///< Only for the fields `time` and `received`; 0: the value itself.
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
  /// With SearchOptions::levels: its RecordView::level().
  std::optional<Level> level = {};

  FileId file_id() const { return header == nullptr ? 0 : header->file_id; }
};

/// Takes entries in the thread that found them.
class EntryTaker {
 public:
  virtual ~EntryTaker() = default;
  /// One call at a time; views are valid during the call.
  virtual void take(const FoundEntry& entry) = 0;
};

struct SearchOptions {
  Order order = Order::forwards;
  std::uint64_t limit = UINT64_MAX;  ///< The search ends after this many entries.
  unsigned threads = 1;              ///< 1: the caller's; 0: as many as there are cores.
  /// Which parts of entries the caller wants. What the expression tests is read anyway. Without `text` texts are empty.
  Wanted wanted = {};
  /// FoundEntry::level is wanted. For sealed entries it mostly needs no texts, and costs a tenth of what those cost.
  bool levels = false;
  /// If set: entries are counted by these and not given, which costs less; Search::counts() has the counts. `limit` and
  /// `wanted` do not matter then. An empty list counts all entries together.
  std::optional<std::vector<CountBy>> count_by = {};
  /// If set: each entry goes to one of these, in no order, and is not given by next(). There is one thread for each of
  /// them. They must outlive the search. `limit` does not matter; not together with `count_by`.
  std::vector<EntryTaker*> takers = {};
  /// The search ends soon after this: within about a tenth of a second, or the time that a single long entry takes.
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
    done,      ///< All was looked at. If more is stored later, go_on() looks for it.
    limit,     ///< As many entries were found as were asked for.
    deadline,  ///< There was no more time.
    stopped,   ///< A stop was requested.
  };
  Reason reason = Reason::done;
  /// What was not looked at begins here; only forwards. For `done`: where the last file ends.
  SearchPlace next = {};
};

using Outcome = std::variant<FoundEntry, Unread, SearchEnd>;

class Search {
 public:
  /// Errors: invalid_argument: a pattern that is invalid, or too large.
  static Result<Search> create(std::vector<SearchFile> files, Expression expression, const SearchOptions& options = {});

  Search(Search&&) noexcept;
  Search& operator=(Search&&) noexcept;
  ~Search();

  /// The next outcome. After the end: the end again, until go_on().
  Outcome next();

  /// After the end `done`, forwards: searches what was added to the last file since, and then `more` files.
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
