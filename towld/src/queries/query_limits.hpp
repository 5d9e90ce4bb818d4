// QueryLimits is what one question may cost, whichever door it comes through.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "config/config.hpp"

namespace towld {

struct QueryLimits {
  /// Of an answer over HTTP that does not say: what a person looks at.
  std::uint64_t default_entries = 100;
  /// Of an answer over HTTP that does; and of a table, through any door: query.max_rows.
  std::uint64_t entries = QueryConfig().max_rows;
  /// Of an answer over HTTP: one entry more may be on top. limits.query_bytes
  std::size_t bytes = std::size_t{4} << 20;
  /// query.max_time
  std::chrono::nanoseconds time{QueryConfig().max_time_ns};
  /// Of a pattern in a parameter of its own: limits.pattern_bytes
  std::size_t pattern_bytes = 4096;
  /// query.max_expression
  std::size_t expression_bytes = QueryConfig().max_expression;
  /// What sort, uniq, top and stats may keep: query.max_memory.
  std::size_t memory = QueryConfig().max_memory;
};

inline QueryLimits limits_of(const Config& config) {
  return {.entries = config.query.max_rows,
          .bytes = config.limits[Limit::query_bytes],
          .time = std::chrono::nanoseconds(config.query.max_time_ns),
          .pattern_bytes = config.limits[Limit::pattern_bytes],
          .expression_bytes = config.query.max_expression,
          .memory = config.query.max_memory};
}

}  // namespace towld
