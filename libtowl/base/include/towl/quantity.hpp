// Durations and sizes as people write them: "5s", "1h 30min", "7d", "64MiB".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "towl/result.hpp"

namespace towl {

/// Reads a duration in nanoseconds: whole numbers with ns, us, ms, s, m or min, h, d, w, also several in a
/// row ("1h 30min"); a number alone is in seconds. Errors: invalid_argument, also for what int64 cannot hold.
Result<std::int64_t> parse_duration(std::string_view text);

/// Reads a size in bytes: a whole number, alone or with B, K, M, G, T, P (also KiB, MiB …: powers of 1024, as
/// systemd reads them) or KB, MB … (powers of 1000). Errors: invalid_argument, also for what uint64 cannot hold.
Result<std::uint64_t> parse_bytes(std::string_view text);

/// "1d", "90s", "250ms": the largest unit that divides it. The inverse of parse_duration().
std::string format_duration(std::int64_t nanoseconds);

/// "64MiB", "1000B": the largest unit that divides it. The inverse of parse_bytes().
std::string format_exact_bytes(std::uint64_t bytes);

}  // namespace towl
