// find_patterns() tells what kinds of entries there are: their texts without what varies in them, and how often each came.
//
// A sealed frame has that already: its templates. Entries that are not sealed yet, and those that an expression selects, go
// through the same miner. Templates of different frames are merged: words with digits count as what varies everywhere.
// Of an entry with fields it is about its message; of one without a message, or a text, about all of it.
//
// Cost:    templates alone where all entries of a time range count; with an expression a search, and the texts that it finds.
// Memory:  `max_bytes` of patterns a thread, and the same once more for all together; a frame a thread.
// Partial: after the deadline, or a stop, what was found so far is there, and how many entries were not looked at. A pattern
//          of a part of the entries may look new where it is not: callers that ask for `new_since` reject such an answer.
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
  std::uint64_t earlier = 0;  ///< So many of these happened before PatternOptions::new_since.
  SearchPlace example = {};   ///< The first of them, by file and ordinal …
  std::string address = {};   ///< … and its address: address.hpp.
};

struct PatternOptions {
  Timestamp since = std::numeric_limits<Timestamp>::min();  ///< Entries that happened at or after this …
  Timestamp until = std::numeric_limits<Timestamp>::max();  ///< … and before this.
  Expression expression = {};                               ///< Of these, only such entries; everything by default.
  /// Only patterns of which none came before this, of the entries within `since` and `until`.
  std::optional<Timestamp> new_since = {};
  unsigned threads = 1;  ///< 0: as many as there are cores.
  /// What each thread keeps. Prose has a pattern for each line.
  std::size_t max_bytes = std::size_t{16} << 20;
  std::size_t limit = SIZE_MAX;  ///< Only so many patterns are given: the most frequent ones.
  /// No frame is begun after this: it ends within about a tenth of a second, and the time that merging takes.
  std::optional<std::chrono::steady_clock::time_point> deadline = {};
  std::stop_token stop = {};   ///< As the deadline.
  FileLayer* layer = nullptr;  ///< nullptr: posix_file_layer().
};

struct Patterns {
  std::vector<EntryPattern> patterns = {};  ///< The most frequent first; of equally many the first in the files.
  std::uint64_t more = 0;                   ///< Patterns that there are beyond the limit.
  std::uint64_t others = 0;                 ///< Entries whose patterns were more than are kept: `max_bytes`.
  std::vector<Unread> unread = {};          ///< What could not be read.
  /// `deadline`, `stopped`: not all was looked at.
  SearchEnd::Reason end = SearchEnd::Reason::done;
  /// So many entries were not; of an open file, or one of format 1, of those that its index page knows of.
  std::uint64_t not_looked_at = 0;
};

/// What damages hide is told in `unread`. Errors: invalid_argument: a pattern of the expression that is none, or too large.
Result<Patterns> find_patterns(const std::vector<SearchFile>& files, const PatternOptions& options = {});

}  // namespace towl
