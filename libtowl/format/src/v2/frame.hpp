// A frame is a header of 120 bytes, a payload, and the positions of sources, each padded with zeros to a multiple of 8.
// Text: spec/format-v2.md, "Frames".
//
// Header, payload and positions have a checksum each, seeded with the file's tag: a block of another file fails. Each
// header repeats the header checksum of the frame before it: a block that was copied or swapped does not fit. Each
// says in which life of the file it was written: a block of an earlier one is refused.
// The header checksum does not cover positions: a copy of the frame without them has the same one.
#pragma once

#include <cstdint>
#include <optional>
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
  gap = 3,        ///< Stands for entries that are not there; no payload.
  filter = 4,     ///< The token filter of one data frame.
  directory = 5,  ///< Where each data frame of a sealed file is.
  footer = 6,     ///< Ends a sealed file.
  head = 7,       ///< A signed head: head.hpp.
  // A reader skips a frame of an unknown kind if it has no entries.
};

enum class Codec : std::uint8_t {
  raw = 0,
  zstd = 1,  ///< One zstd frame (RFC 8878) of raw_bytes.
};

enum class Layout : std::uint8_t {
  none = 0,
  rows = 1,     ///< Entry after entry: rows.hpp.
  columns = 2,  ///< Column after column, each compressed by itself: columns.hpp.
};

/// Why the entries of a gap are not there.
enum class GapReason : std::uint8_t {
  damage = 0,     ///< They could not be read any more.
  retention = 1,  ///< They were removed because of their age or their size.
  erased = 2,     ///< They were removed on request.
};

/// A file begins a new life when its tail is cut off. Frames of an earlier life may still be on the disk, whole.
struct Life {
  std::uint32_t number = 0;  ///< One more with each cut.
  std::uint32_t random = 0;  ///< Tells two lives with the same number apart; 0 in the first.

  friend bool operator==(const Life&, const Life&) = default;
};

/// No file is cut so often: a higher number is invalid, and adding 1 to a valid one cannot overflow.
inline constexpr std::uint32_t kMaxLifeNumber = 1'000'000'000;

/// False for a life that no writer writes.
inline bool makes_sense(const Life& life) {
  return life.number <= kMaxLifeNumber && (life.number > 0 || life.random == 0);
}

struct FrameHeader {
  std::uint32_t header_checksum = 0;
  std::uint32_t payload_checksum = 0;
  std::uint32_t stored_bytes = 0;  ///< Of the payload, padding not counted.
  std::uint32_t raw_bytes = 0;     ///< Of the decompressed payload.
  std::uint32_t count = 0;         ///< Entries.
  Ordinal first = 0;               ///< The first one's ordinal.
  Timestamp min = 0;               ///< The earliest `received`. In a gap all four are the time when it was made.
  Timestamp max = 0;               ///< The latest.
  Timestamp event_min = 0;         ///< The earliest event time.
  Timestamp event_max = 0;         ///< The latest.
  std::uint64_t digest = 0;        ///< Of all entries before `first`.
  Ordinal durable = 0;             ///< The number of entries on stable storage when this was written.
  std::uint32_t tag = 0;           ///< The file's.
  FrameKind kind = FrameKind::data;
  Codec codec = Codec::raw;
  Layout layout = Layout::none;
  GapReason reason = GapReason::damage;  ///< Of a gap.
  std::uint32_t previous = 0;            ///< header_checksum of the frame before; 0 in the first.
  std::uint32_t text_bytes = 0;          ///< Bytes of the entries' senders and texts.
  Life life = {};                        ///< The one in which it was written.
  std::uint32_t positions_bytes = 0;     ///< Of the positions, padding not counted.
  bool positions_left_out = false;       ///< It had positions: this copy has none, or zeros.
  std::uint32_t positions_checksum = 0;

  /// Where the positions begin in the frame.
  std::uint64_t positions_at() const { return kFrameHeaderBytes + aligned(stored_bytes); }
  /// The frame's length in the file.
  std::uint64_t bytes() const { return positions_at() + aligned(positions_bytes); }
  Ordinal end() const { return first + count; }

  friend bool operator==(const FrameHeader&, const FrameHeader&) = default;
};

/// The payload and text of a frame with entries never exceed this: the largest entry that is read, and the few bytes
/// around it.
inline constexpr std::uint32_t kMaxFrameBytes = static_cast<std::uint32_t>(kMaxReadEntryBytes) + (1u << 16);
/// All positions of a frame have at most this many bytes.
inline constexpr std::uint32_t kMaxPositionsBytes = std::uint32_t{16} << 20;

/// Whether frames of this kind have ordinals of their own.
constexpr bool holds_entries(FrameKind kind) { return kind == FrameKind::data || kind == FrameKind::gap; }

/// Whether a frame of this kind, known or unknown, belongs to the entries before it and is copied with them:
/// feeds send it, mirrors, seals and repairs keep it. Other frames without entries belong to the file only.
constexpr bool travels(FrameKind kind) { return kind >= FrameKind::head && kind < FrameKind{64}; }

/// Appends a frame to `to`: checksums, lengths and padding are filled in; returns the header as stored. `positions`: as
/// append_positions() writes them, empty if the frame has none.
FrameHeader append_frame(FrameHeader header, std::string_view payload, std::string& to,
                         std::string_view positions = {});

/// What was found at a place where a frame should begin.
enum class FrameFound {
  frame,       ///< A frame whose checksums hold.
  incomplete,  ///< The beginning of one: more bytes may complete it.
  damaged,     ///< Not a frame of this file.
};

/// Reads the header at the front of `bytes`; its payload may be missing. Checks all but payload and positions, and
/// that nothing in the header contradicts the rest of it or the limits.
FrameFound read_frame_header(std::string_view bytes, std::uint32_t tag, FrameHeader& header);

/// The tag of the frame at the front of `bytes`, if its header holds with that tag; nullopt if there is no such frame.
std::optional<std::uint32_t> read_frame_tag(std::string_view bytes);

/// Checks the payload and its padding of the frame at the front of `bytes`, whose header was read. Of the positions it
/// only checks that they are there: see check_positions().
FrameFound check_payload(std::string_view bytes, const FrameHeader& header);

/// Whether the positions of a whole frame are as they were written; true if it has none.
bool check_positions(std::string_view frame, const FrameHeader& header);

/// The payload of a whole frame.
inline std::string_view payload_of(std::string_view frame, const FrameHeader& header) {
  return frame.substr(kFrameHeaderBytes, header.stored_bytes);
}

/// The positions of a whole frame, for read_positions(); empty if it has none or they were left out.
inline std::string_view positions_of(std::string_view frame, const FrameHeader& header) {
  if (header.positions_left_out) return {};
  return frame.substr(static_cast<std::size_t>(header.positions_at()), header.positions_bytes);
}

/// What a frame's place in its file decides.
struct FrameLink {
  std::uint32_t previous = 0;  ///< header_checksum of the frame before.
  Life life = {};
  Ordinal durable = 0;  ///< The number of entries on stable storage; a frame that says less keeps its number.
};

/// Makes the stored frame at `frame` follow another one, and returns its new header checksum. Payload and
/// positions stay, and nothing at all changes if it follows already.
std::uint32_t relink_frame(char* frame, const FrameLink& link, std::uint32_t tag);

/// Replaces the positions of a whole frame with zeros, so that all that follows stays where it is, and says so in its
/// header. The header checksum stays. A frame without positions does not change.
void leave_out_positions(char* frame, const FrameHeader& header);

}  // namespace towl::detail::v2
