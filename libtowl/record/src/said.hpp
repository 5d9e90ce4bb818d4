// Gathers what members say of an entry: if several say the same thing, the best one counts.
#pragma once

#include <cstdint>
#include <optional>

#include "towl/record/json_reader.hpp"
#include "towl/record/names.hpp"
#include "towl/record/time_zone.hpp"

namespace towl::detail {

/// The best member for one thing so far.
struct Best {
  static constexpr std::uint8_t kNone = 0xFF;

  const JsonMember* member = nullptr;
  KnownName known = {.rank = kNone};

  /// Of two members with one name the last counts.
  bool is_better(const KnownName& other) const { return member == nullptr || other.rank <= known.rank; }
  void take(const JsonMember& one, const KnownName& name) {
    member = &one;
    known = name;
  }
};

/// The level that `member`, whose name means one, says.
std::optional<Level> level_of(const JsonMember& member, const KnownName& known);

/// The time that `member`, whose name means one, says.
std::optional<Timestamp> time_of(const JsonMember& member, const KnownName& known, const TimeZone& zone,
                                 Timestamp near);

/// True if a member whose name means a time must be one: if it cannot be read, that is counted.
bool is_surely_time(const JsonMember& member, const KnownName& known);

/// A message by any name but the journal's own is a string; one of that name is anything but null.
bool is_message(const JsonMember& member, const KnownName& known);

}  // namespace towl::detail
