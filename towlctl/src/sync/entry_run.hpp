// read_run walks whole entries of stored bytes and checks each of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "towl/time.hpp"

namespace towlctl {

/// The whole entries at the front of some bytes.
struct EntryRun {
  std::uint64_t count = 0;
  std::size_t bytes = 0;
  std::optional<towl::Timestamp> first = {};  ///< `received` of the first entry.
  std::optional<towl::Timestamp> last = {};   ///< `received` of the last entry.
};

/// Walks at most `max_count` entries.
EntryRun read_run(std::string_view bytes, std::uint64_t max_count);

}  // namespace towlctl
