// JoinRule says which lines belong to the entry before them: those of a stack trace, say.
//
// By a pattern of lines that begin an entry, or of lines that belong to the one before, or by the ways of a language.
// Threads: any; it does not change. The state belongs to one stream of lines.
#pragma once

#include <re2/re2.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "towl/result.hpp"

namespace towld {

class YamlMap;

struct MultilineConfig {
  std::string start_pattern = {};     ///< A text that matches begins an entry; others belong to the one before.
  std::string continue_pattern = {};  ///< A text that matches belongs to the entry before.
  std::string preset = {};            ///< java, python, go, ruby, dotnet, indented, backslash. One of the three is set.
  std::int64_t timeout_ns = 1'000'000'000;  ///< An entry is complete when nothing followed for so long.
  std::uint64_t max_lines = 1000;

  friend bool operator==(const MultilineConfig&, const MultilineConfig&) = default;
};

/// Reads the keys, and complains unless one of the three is set.
void read_multiline(YamlMap& map, MultilineConfig& multiline);

class JoinRule {
 public:
  /// Errors: invalid_argument (a pattern), with `place`.
  static towl::Result<std::shared_ptr<const JoinRule>> create(const MultilineConfig& config,
                                                              const std::string& place = {});

  /// What is known of the lines before.
  struct State {
    bool is_in_trace = false;
    bool is_to_go_on = false;  ///< The last line said so.
  };

  /// Whether `line` belongs to the entry before it; `state` is then what the next line needs.
  bool belongs(std::string_view line, State& state) const;

  std::uint64_t max_lines() const { return max_lines_; }
  std::int64_t timeout_ns() const { return timeout_ns_; }

 private:
  using Expression = std::unique_ptr<const re2::RE2>;

  Expression begins_ = nullptr;     ///< Begins an entry; others belong to the one before.
  Expression continues_ = nullptr;  ///< Belongs to the entry before.
  Expression opens_ = nullptr;      ///< Begins a trace,
  Expression inside_ = nullptr;     ///< and belongs to one.
  bool has_last_line_ = false;      ///< A trace ends with a line that looks like any other: Python's.
  bool goes_on_after_backslash_ = false;
  std::uint64_t max_lines_ = 0;
  std::int64_t timeout_ns_ = 0;
};

}  // namespace towld
