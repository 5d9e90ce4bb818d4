// LineJoiner makes one entry of several lines: a stack trace, say.
//
// A line either begins an entry or belongs to the one before it, as the configuration's pattern says. An entry is
// complete when the next one begins, when it has as many lines as it may have, or when nothing followed for a while:
// the caller keeps the time and calls flush().
// Memory:  up to the longest entry allowed; what is longer is cut, and its length is kept.
// Threads: one at a time.
#pragma once

#include <re2/re2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "inputs/file/file_config.hpp"
#include "inputs/file/line_reader.hpp"
#include "towl/result.hpp"

namespace towld {

/// What all files of an input share.
struct JoinRule {
  std::shared_ptr<const re2::RE2> pattern;
  bool pattern_begins = true;  ///< What matches begins an entry; else it belongs to the one before.
  std::uint64_t max_lines = 1000;
  std::int64_t timeout_ns = 0;

  /// Errors: invalid_argument (a pattern).
  static towl::Result<std::shared_ptr<const JoinRule>> create(const MultilineConfig& config);
};

class LineJoiner {
 public:
  LineJoiner(std::shared_ptr<const JoinRule> rule, std::size_t max_bytes)
      : rule_(std::move(rule)), max_bytes_(max_bytes) {}

  /// Calls `take` with what is complete now: Line::end is that of its last line.
  void add(const Line& line, const LineReader::Take& take);

  /// Calls `take` with what is there, complete or not.
  void flush(const LineReader::Take& take);

  /// Forgets what is there: it will be read again.
  void clear();

  bool empty() const { return lines_ == 0; }
  const JoinRule& rule() const { return *rule_; }

 private:
  std::shared_ptr<const JoinRule> rule_;
  std::size_t max_bytes_;
  std::string text_;
  std::uint64_t lines_ = 0;
  std::uint64_t original_bytes_ = 0;
  bool cut_ = false;
  std::uint64_t end_ = 0;
};

}  // namespace towld
