// The header page and the index slots of format version 2. Text: spec/format-v2.md.
//
// Every byte of both is covered by a checksum.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "towl/header.hpp"
#include "towl/result.hpp"
#include "v2/frame.hpp"
#include "v2/layout.hpp"

namespace towl::detail::v2 {

/// The seed of the checksums of a file's slots and frames, so that another file's do not pass for its own.
std::uint32_t file_tag(const Uuid& uuid);

struct HeaderPage {
  Header header;
  Timestamp created = 0;
  // What a later version of the format may add and a reader may ignore. It is kept when the page is written again.
  std::uint32_t compatible = 0;  ///< Flags.
  std::string more = {};         ///< What follows the known fields of the second part; at most 196 bytes.
  std::uint32_t tag = 0;         ///< As read: the UUID's, unless that is lost.
};

/// The page, 1024 bytes. Errors: invalid_argument if org and title do not fit.
Result<std::string> encode_header_page(const HeaderPage& page);

/// Errors: not_a_towl_file (the magic), unsupported_version (also: a required feature that is unknown), corrupt.
Result<HeaderPage> decode_header_page(std::string_view page);

/// A place to start the search for an ordinal: a frame and its first entry.
struct SkipPoint {
  std::uint64_t ordinal = 0;
  std::uint64_t offset = 0;
  friend bool operator==(const SkipPoint&, const SkipPoint&) = default;
};

inline constexpr std::size_t kSlotPoints = 20;

/// What a slot says. All of it was on stable storage before the slot was written.
struct Slot {
  std::uint64_t sequence = 0;  ///< The slot with the higher number is the newer one.
  Index index;
  std::uint64_t data_end = kDataOffset;  ///< After the last frame of the `count` entries.
  std::uint32_t chain = 0;               ///< The header checksum of the frame before data_end.
  std::uint64_t last_frame = 0;          ///< Where that frame begins; 0 if that is not known.
  Life life = {};                        ///< The life in which frames are written now …
  Ordinal life_begin = 0;                ///< … and the ordinal that it begins with. 0 in the first life.
  Ordinal given_out = 0;                 ///< Ordinals below this may have been given out, even if `count` is less.
  std::uint64_t footer_offset = 0;       ///< Of a sealed file; else 0.
  std::vector<SkipPoint> points = {};    ///< Ascending, at most kSlotPoints.
};

/// kSlotBytes.
std::string encode_slot(const Slot& slot, std::uint32_t tag);

/// nullopt if the checksum, or anything in the slot, does not hold.
std::optional<Slot> decode_slot(std::string_view bytes, std::uint32_t tag);

/// Where the slot with this sequence is written: they take turns.
inline std::size_t slot_offset(std::uint64_t sequence) {
  return kIndexOffset + static_cast<std::size_t>((sequence + 1) % kSlots) * kSlotBytes;
}

/// Keeps at most kSlotPoints points however large the file gets: when there are too many, every second one is dropped
/// and the distance doubles.
class SkipPoints {
 public:
  SkipPoints() = default;
  explicit SkipPoints(std::vector<SkipPoint> points);

  /// A frame begins here. `offset` ascends from call to call.
  void add(SkipPoint point);

  const std::vector<SkipPoint>& points() const { return points_; }

 private:
  std::vector<SkipPoint> points_;
  std::uint64_t distance_ = std::uint64_t{256} << 10;
};

}  // namespace towl::detail::v2
