// TimeReader and TimeWriter read and write stored times, remembering the second of the last one: entries that follow
// one another mostly share it, and its 19 characters are most of the work.
//
// The results are those of parse_rfc3339() and format_rfc3339(). One thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "towl/time.hpp"

namespace towl::detail {

/// "2026-01-17T14:30:00"
inline constexpr std::size_t kSecondBytes = 19;

class TimeReader {
 public:
  std::optional<Timestamp> read(std::string_view text);

 private:
  std::array<char, kSecondBytes> known_ = {};  // All zero: no text.
  Timestamp second_ = 0;
};

class TimeWriter {
 public:
  Rfc3339 write(Timestamp time);

 private:
  Rfc3339 known_ = {};                                              // The text of second_, with its Z.
  std::int64_t second_ = std::numeric_limits<std::int64_t>::min();  // Of no time.
};

}  // namespace towl::detail
