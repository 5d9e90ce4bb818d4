// Positions of sources, stored behind the entries of a data frame: either both are there or neither.
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

/// The bit of FrameHeader::flags: the payload as stored ends with positions.
inline constexpr std::uint8_t kFlagPositions = 1;

/// All positions of a frame have at most this many bytes.
inline constexpr std::size_t kMaxPositionsBytes = std::size_t{16} << 20;

/// What `positions` take in a frame.
std::size_t positions_bytes(std::span<const SourcePosition> positions);

/// Appends the part that holds `positions`, of at most kMaxPositionsBytes.
void append_positions(std::span<const SourcePosition> positions, std::string& to);

/// The payload as stored of a frame, taken apart.
struct PayloadParts {
  std::string_view entries;
  std::string_view positions;  ///< Empty where there are none.
};

/// False where the frame says that it has positions and its payload has no room for them, or has them and is not one
/// that a writer writes.
bool split_payload(const FrameHeader& header, std::string_view payload, PayloadParts& parts);

/// Appends all of them to `positions`. False: bytes that no writer writes.
bool read_positions(std::string_view part, std::vector<SourcePosition>& positions);

}  // namespace towl::detail::v2
