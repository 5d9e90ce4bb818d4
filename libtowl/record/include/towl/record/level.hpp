// What programs call the severity of an entry, as one of syslog's (RFC 5424, 6.2.1): the one table of levels.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "towl/result.hpp"

namespace towl {

/// 0 emergency … 7 debug.
using Level = int;

inline constexpr Level kMostSevere = 0;
inline constexpr Level kLeastSevere = 7;

/// What numbers mean as levels. In `bunyan` and `python`, 0 to 7 are still syslog's.
enum class LevelScale : std::uint8_t {
  bunyan,         ///< 10 trace, 20 debug, 30 info, 40 warning, 50 error, 60 fatal: bunyan, pino.
  python,         ///< 10 debug, 20 info, 30 warning, 40 error, 50 critical.
  opentelemetry,  ///< SeverityNumber: 1–4 trace, 5–8 debug, 9–12 info, 13–16 warning, 17–20 error, 21–24 fatal.
  logback,        ///< 5,000 trace, 10,000 debug, 20,000 info, 30,000 warning, 40,000 error.
};

/// The level that `text` names, or nullopt. Names and their abbreviations, of any case, also with blanks and brackets
/// around them: "WARN", "[info]", "E", "<3>:". Numbers mean what `scale` says.
std::optional<Level> parse_level(std::string_view text, LevelScale scale = LevelScale::bunyan);

/// syslog.h's name: "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug". `level` is from 0 to 7.
std::string_view level_name(Level level);

/// Both ends belong to it; `most_severe` is the smaller number.
struct LevelRange {
  Level most_severe = kMostSevere;
  Level least_severe = kLeastSevere;

  bool contains(Level level) const { return level >= most_severe && level <= least_severe; }
};

/// Reads what journalctl's --priority takes: "err" means it and what is worse, "err..alert" and "alert..err" a range.
/// Each is anything that parse_level() knows. Errors: invalid_argument.
Result<LevelRange> parse_level_range(std::string_view text);

}  // namespace towl
