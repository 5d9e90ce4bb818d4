// How safe a stored entry is when it is acknowledged.
#pragma once

namespace towlctl {

/// What an acknowledgement promises, weakest first; the values are the protocol's.
enum class Durability { unspecified = 0, written = 1, interval = 2, synced = 3 };

}  // namespace towlctl
