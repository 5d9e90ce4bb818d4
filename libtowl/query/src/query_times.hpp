// The times of a query: `_time:5m`, `_time:2026-01-17`, `_time:[2026-01-17, 2026-01-18)`.
#pragma once

#include <optional>
#include <string_view>

#include "towl/query/expression.hpp"
#include "towl/record/time_zone.hpp"
#include "towl/time.hpp"

namespace towl::detail {

/// What a text says of a time: an instant, or all of a year, month, day, hour, minute or second: [begin, end).
struct TimeSpan {
  Timestamp begin = 0;
  Timestamp end = 0;
};

/// "2026", "2026-01", "2026-01-17", "2026-01-17T14", … with or without a zone, and all that
/// parse_time_expression() takes.
std::optional<TimeSpan> read_time_span(std::string_view text, Timestamp now, const TimeZone& zone);

/// "5m", "1h30m", "1.5d" in nanoseconds, more than 0.
std::optional<std::int64_t> read_span(std::string_view text);

}  // namespace towl::detail
