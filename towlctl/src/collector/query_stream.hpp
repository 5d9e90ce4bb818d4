// QueryStream is one running Query: entries or rows, in the order in which the collector finds them.
//
// Memory:  up to two messages, of about 256 KiB and one entry each, are received ahead; then the collector is held back.
// Threads: one caller at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "collector/pull_error.hpp"
#include "towl/entry.hpp"
#include "towl/header.hpp"

namespace towlctl {

/// A part of a file: entries from `from` on, before `end`.
struct QueryRange {
  towl::FileId file = 0;
  towl::Ordinal from = 0;
  towl::Ordinal end = ~towl::Ordinal{0};
};

/// A question; see QueryRequest in towl.proto.
struct QueryCall {
  std::string expression = {};  ///< In the query language, pipes included.
  bool backwards = false;
  std::uint64_t limit = 0;  ///< 0: none.
  std::string cursor = {};  ///< Where an answer ended.
  std::vector<QueryRange> files = {};
  std::uint64_t before = 0;  ///< Neighbours of each entry.
  std::uint64_t after = 0;
  bool without_text = false;
  bool follow = false;
};

struct QueryEvent {
  enum class Kind {
    entry,    ///< `file_id` to `is_neighbour` describe one.
    row,      ///< `text` is a JSON object.
    unread,   ///< A part of `file_id` could not be read; `text` says why.
    place,    ///< Everything before `cursor` was searched and given.
    end,      ///< The answer is over, for `end`.
    nothing,  ///< Nothing came in time.
  };
  enum class End { done, limit, time, rows };
  Kind kind = Kind::nothing;
  towl::FileId file_id = 0;
  towl::Uuid uuid = {};
  towl::Ordinal ordinal = 0;
  towl::EntryView entry = {};
  bool is_neighbour = false;
  std::string_view text = {};
  End end = End::done;
  std::string_view cursor = {};
};

class QueryStream {
 public:
  /// Cancels what still runs, and waits for that.
  virtual ~QueryStream() = default;

  /// Waits for the next event, `timeout` at most. Its views are valid until the next call. Not to be called again after
  /// `end` or an error. Errors: cut, refused, bad_data, stopped.
  virtual PullResult<QueryEvent> next(const std::stop_token& stop, std::chrono::milliseconds timeout) = 0;
};

}  // namespace towlctl
