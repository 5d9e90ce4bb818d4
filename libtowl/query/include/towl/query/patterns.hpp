// find_patterns() tells what kinds of entries there are: their texts without what varies in them, and how often each came.
//
// A sealed frame has that already: its templates. Entries that are not sealed yet go through the same miner. Templates of
// different frames are merged: words with digits count as what varies everywhere.
// Of an entry with fields it is about its message; of one without a message, or a text, about all of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "towl/file_layer.hpp"
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
  /// Only patterns of which none came before this, of the entries within `since` and `until`.
  std::optional<Timestamp> new_since = {};
  unsigned threads = 1;  ///< 0: as many as there are cores.
  /// What each thread keeps. Prose has a pattern for each line.
  std::size_t max_bytes = std::size_t{16} << 20;
  std::stop_token stop = {};
  FileLayer* layer = nullptr;  ///< nullptr: posix_file_layer().
};

struct Patterns {
  std::vector<EntryPattern> patterns = {};  ///< The most frequent first; of equally many the first in the files.
  std::uint64_t others = 0;                 ///< Entries whose patterns were more than are kept: `max_bytes`.
  std::vector<Unread> unread = {};          ///< What could not be read.
};

/// What damages hide is told in `unread`.
Patterns find_patterns(const std::vector<SearchFile>& files, const PatternOptions& options = {});

}  // namespace towl
