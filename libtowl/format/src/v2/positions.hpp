// Positions of sources, stored in one frame with the entries that came from them: either both are there or neither.
// Text: spec/format-v2.md, "Positions".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "towl/source_position.hpp"
#include "v2/frame.hpp"

namespace towl::detail::v2 {

/// What `positions` take in a frame.
std::size_t positions_bytes(std::span<const SourcePosition> positions);

/// Appends the section of a frame that holds `positions`, of at most kMaxPositionsBytes.
void append_positions(std::span<const SourcePosition> positions, std::string& to);

/// Appends all of them to `positions`. False: bytes that no writer writes.
bool read_positions(std::string_view section, std::vector<SourcePosition>& positions);

}  // namespace towl::detail::v2
