// LineJoiner makes one entry of several lines: a stack trace, say.
//
// A line either begins an entry or belongs to the one before it, as the rule says. An entry is
// complete when the next one begins, when it has as many lines as it may have, or when nothing followed for a while:
// the caller keeps the time and calls flush().
// Memory:  up to the longest entry allowed; what is longer is cut, and its length is kept.
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "inputs/file/line_reader.hpp"
#include "parse/join_rule.hpp"

namespace towld {

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
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
  JoinRule::State state_ = {};
};

}  // namespace towld
