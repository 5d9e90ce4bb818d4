// When a source says that something happened.
#pragma once

#include <optional>
#include <string_view>

#include "towl/time.hpp"

namespace towld {

/// Reads RFC 3339, or a number since the epoch: seconds (with a fraction or an exponent), or, told by its size,
/// milliseconds, microseconds or nanoseconds. nullopt for anything else, and for numbers before 1973.
std::optional<towl::Timestamp> parse_source_time(std::string_view text);

/// Reads whole and decimal numbers of `unit_ns` nanoseconds since the epoch, exactly.
std::optional<towl::Timestamp> parse_decimal_time(std::string_view text, std::int64_t unit_ns);

}  // namespace towld
