// find_patterns() finds the kinds of entries: their texts without the parts that vary, and how often each came.
//
// A sealed frame has these already: its templates. Entries that are not sealed yet, and those that an expression
// selects, go through the same miner. Templates of different frames are merged: words with digits always count as
// varying. For an entry with fields, its message is used; for one without a message, and for a text, all of it.
//
// Cost:    if all entries of a time range count, only templates are read; with an expression a search, and its texts.
// Memory:  `max_bytes` of patterns a thread, and the same once more for all together; a frame a thread.
// Partial: after the deadline, or a stop, the result has what was found so far, and how many entries were not looked
//          at. A pattern may then look new though it is not: callers that ask for `new_since` reject such an answer.
// Threads: any; those that it starts end with it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "towl/file_layer.hpp"
#include "towl/query/expression.hpp"
#include "towl/query/search.hpp"
#include "towl/result.hpp"
#include "towl/time.hpp"

namespace towl {

struct EntryPattern {
  std::string text;  ///< With `<*>` in place of what varies.
  std::uint64_t count = 0;
  std::uint64_t earlier = 0;  ///< How many of these happened before PatternOptions::new_since.
  SearchPlace example = {};   ///< The first of them, by file and ordinal …
  std::string address = {};   ///< … and its address: address.hpp.
};

struct PatternOptions {
  Timestamp since = std::numeric_limits<Timestamp>::min();  ///< Entries that happened at or after this …
  Timestamp until = std::numeric_limits<Timestamp>::max();  ///< … and before this.
  Expression expression = {};                               ///< Of these, only entries that pass it; all by default.
  /// Only patterns that no entry had before this time, among the entries between `since` and `until`.
  std::optional<Timestamp> new_since = {};
  unsigned threads = 1;  ///< 0: as many as there are cores.
  /// What each thread keeps. Prose has a pattern for each line.
  std::size_t max_bytes = std::size_t{16} << 20;
  std::size_t limit = SIZE_MAX;  ///< At most this many patterns are given: the most frequent ones.
  /// No frame is begun after this: the call ends about a tenth of a second later, plus the time that merging takes.
  std::optional<std::chrono::steady_clock::time_point> deadline = {};
  std::stop_token stop = {};   ///< As the deadline.
  FileLayer* layer = nullptr;  ///< nullptr: posix_file_layer().
};

struct Patterns {
  std::vector<EntryPattern> patterns = {};  ///< The most frequent first; if equal, in the order of the files.
  std::uint64_t more = 0;                   ///< How many patterns there are beyond the limit.
  std::uint64_t others = 0;                 ///< Entries whose patterns were not kept, because of `max_bytes`.
  std::vector<Unread> unread = {};          ///< What could not be read.
  /// `deadline`, `stopped`: not all was looked at.
  SearchEnd::Reason end = SearchEnd::Reason::done;
  /// How many entries were not looked at; in an open file, or one of format 1, only those that its index page knows.
  std::uint64_t not_looked_at = 0;
};

/// `unread` has what damage hides. Errors: invalid_argument: a pattern of the expression that is invalid, or too large.
Result<Patterns> find_patterns(const std::vector<SearchFile>& files, const PatternOptions& options = {});

}  // namespace towl
