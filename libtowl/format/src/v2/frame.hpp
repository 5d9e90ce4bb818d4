// A frame is a header of 80 bytes, a payload, and zeros up to a multiple of 8. Text: spec/format-v2.md, "Frames".
//
// Header and payload have a checksum each, seeded with the file's tag: a block of another file fails. Each header
// repeats the header checksum of the frame before it: a block of an earlier life of the same file, or one that was
// copied or swapped, does not follow.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "towl/entry.hpp"
#include "towl/limits.hpp"
#include "towl/time.hpp"
#include "v2/layout.hpp"

namespace towl::detail::v2 {

enum class FrameKind : std::uint8_t {
  header = 1,     ///< Repeats the header page; the first frame of a file.
  data = 2,       ///< Entries.
  gap = 3,        ///< Stands for entries that were lost to damage; no payload.
  filter = 4,     ///< The token filter of one data frame.
  directory = 5,  ///< Where each data frame of a sealed file is.
  footer = 6,     ///< Ends a sealed file.
};

enum class Codec : std::uint8_t {
  raw = 0,
  zstd = 1,  ///< One zstd frame (RFC 8878) of raw_bytes.
};

enum class Layout : std::uint8_t {
  none = 0,
  rows = 1,     ///< Entry after entry: rows.hpp.
  columns = 2,  ///< Column after column, compressed each for itself: columns.hpp.
};

struct FrameHeader {
  std::uint32_t header_checksum = 0;
  std::uint32_t payload_checksum = 0;
  std::uint32_t stored_bytes = 0;  ///< Of the payload, padding not counted.
  std::uint32_t raw_bytes = 0;     ///< Of the payload when decompressed, positions not counted.
  std::uint32_t count = 0;         ///< Entries.
  Ordinal first = 0;               ///< The first one's ordinal.
  Timestamp min = 0;               ///< The earliest `received`.
  Timestamp max = 0;               ///< The latest.
  std::uint64_t digest = 0;        ///< Of all entries before `first`.
  Ordinal durable = 0;             ///< So many entries were on stable storage when this was written.
  std::uint32_t tag = 0;           ///< The file's.
  FrameKind kind = FrameKind::data;
  Codec codec = Codec::raw;
  Layout layout = Layout::none;
  std::uint8_t flags = 0;        ///< positions.hpp; a reader refuses what it does not know.
  std::uint32_t previous = 0;    ///< header_checksum of the frame before; 0 in the first.
  std::uint32_t text_bytes = 0;  ///< Bytes of the entries' senders and texts.

  /// The frame's length in the file.
  std::uint64_t bytes() const { return kFrameHeaderBytes + aligned(stored_bytes); }
  Ordinal end() const { return first + count; }

  friend bool operator==(const FrameHeader&, const FrameHeader&) = default;
};

/// The payload and text of a frame with entries never exceed this: the largest entry that is read, and its few bytes
/// around it.
inline constexpr std::uint32_t kMaxFrameBytes = static_cast<std::uint32_t>(kMaxReadEntryBytes) + (1u << 16);
/// Appends a frame to `to`: the checksums, stored_bytes and the padding are filled in; returns the header as stored.
FrameHeader append_frame(FrameHeader header, std::string_view payload, std::string& to);

/// What bytes at a place where a frame should begin are.
enum class FrameFound {
  frame,       ///< A frame whose checksums hold.
  incomplete,  ///< The beginning of one: more bytes may complete it.
  damaged,     ///< No frame of this file.
};

/// Reads the header at the front of `bytes`; its payload may not be there. Checks all but the payload, and that nothing
/// in the header contradicts the rest or the limits.
FrameFound read_frame_header(std::string_view bytes, std::uint32_t tag, FrameHeader& header);

/// Checks the payload and the padding of the frame at the front of `bytes`, whose header was read.
FrameFound check_payload(std::string_view bytes, const FrameHeader& header);

/// The payload of a whole frame.
inline std::string_view payload_of(std::string_view frame, const FrameHeader& header) {
  return frame.substr(kFrameHeaderBytes, header.stored_bytes);
}

/// Makes the stored frame at `frame` follow another one: sets `previous` and the header checksum, which is returned.
/// Nothing else changes, and nothing at all where it does already.
std::uint32_t relink_frame(char* frame, std::uint32_t previous, std::uint32_t tag);

}  // namespace towl::detail::v2
