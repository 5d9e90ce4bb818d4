// A Chunk is a handful of found entries on their way from the code that read them to the caller.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "batch.hpp"
#include "piece_scan.hpp"
#include "towl/query/search.hpp"

namespace towl::detail {

struct Chunk {
  struct Row {
    Ordinal ordinal = 0;
    EntryView entry = {};
    std::int8_t level = -1;  ///< As in PieceScan::Slice.
  };
  std::size_t file = 0;
  std::shared_ptr<const FileFacts> facts = {};  ///< nullptr if its file could not be opened.
  std::vector<Row> rows = {};
  std::unique_ptr<char[]> bytes = {};  ///< What the rows' views point to; nullptr if that is a reader's memory.
  std::size_t kept_bytes = 0;          ///< The memory that it takes.
  std::optional<Error> error = {};     ///< What could not be read after them.
  Ordinal reached = 0;                 ///< All before this was looked at.
  bool is_last = false;                ///< There was no time for more.

  bool is_empty() const { return rows.empty() && !error && !is_last; }
};

/// Adds the wanted rows of `slice`, whose views live as long as it does.
void add_views(const PieceScan::Slice& slice, Chunk& chunk);

/// Makes a chunk of the wanted rows of `slice`, with copies of their wanted parts.
void copy_rows(const PieceScan::Slice& slice, const Wanted& wanted, Chunk& chunk);

/// Looks through one piece from its end to its beginning, and calls `take` with chunks; `take` returns false if no more
/// is wanted. `is_over` is asked after each slice.
template <class IsOver, class Take>
void scan_backwards(PieceScan& scan, const SearchPlan& plan, std::size_t file, const OpenFile& open, IsOver is_over,
                    Take take);

/// The same forwards.
template <class IsOver, class Take>
void scan_forwards(PieceScan& scan, const SearchPlan& plan, std::size_t file, const OpenFile& open, IsOver is_over,
                   Take take) {
  for (;;) {
    Chunk chunk{.file = file, .facts = open.facts};
    const auto slice = scan.next();
    if (!slice) chunk.error = slice.error();
    if (slice && !*slice) return;
    if (slice) copy_rows(**slice, plan.wanted, chunk);
    chunk.reached = scan.reached();
    chunk.is_last = is_over();
    const bool ends = chunk.is_last || (chunk.error && !scan.can_go_on(*chunk.error));
    if (!chunk.is_empty() && !take(std::move(chunk))) return;
    if (ends) return;
  }
}

template <class IsOver, class Take>
void scan_backwards(PieceScan& scan, const SearchPlan& plan, std::size_t file, const OpenFile& open, IsOver is_over,
                    Take take) {
  std::deque<Chunk> chunks;
  scan_forwards(scan, plan, file, open, is_over, [&](Chunk chunk) {
    chunks.push_front(std::move(chunk));
    return true;
  });
  bool is_last = false;
  for (const Chunk& chunk : chunks) is_last = is_last || chunk.is_last;
  while (!chunks.empty()) {
    Chunk chunk = std::move(chunks.front());
    chunks.pop_front();
    std::reverse(chunk.rows.begin(), chunk.rows.end());
    chunk.is_last = is_last && chunks.empty();
    if (!take(std::move(chunk))) return;
  }
}

}  // namespace towl::detail
