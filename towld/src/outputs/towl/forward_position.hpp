// Where a forwarder goes on, and what it still has to send.
#pragma once

#include <cstdint>
#include <optional>

#include "ingest/pushed_files.hpp"
#include "towl/mirror/catalog.hpp"

namespace towld {

/// The further of the two.
PushPosition further(const PushPosition& a, const PushPosition& b);

/// Where to go on from `position`: itself while its file is there and it is not the end of it; else the first file
/// after it. nullopt if there is none yet.
std::optional<PushPosition> next_to_send(const towl::ServedFiles& files, const PushPosition& position);

}  // namespace towld
