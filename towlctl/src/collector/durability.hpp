// How safe a stored entry is when it is acknowledged.
#pragma once

namespace towlctl {

/// What an acknowledgement promises, weakest first; the values are the protocol's.
enum class Durability { unspecified = 0, written = 1, interval = 2, synced = 3 };

constexpr const char* name_of(Durability durability) {
  switch (durability) {
    case Durability::synced:
      return "synced";
    case Durability::interval:
      return "interval";
    default:
      return "written";
  }
}

}  // namespace towlctl
