// What comes after the entries of a sealed file: filters, the directory, the footer. Text: spec/format-v2.md, "Sealed
// files".
//
// The footer is the last frame of the file, and all footers have the same length: it is found from the file's end. It
// has the header page too, so it is enough if all that is at the file's front is lost.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "v2/frame.hpp"
#include "v2/pages.hpp"

namespace towl::detail::v2 {

/// One data frame, or gap, of a sealed file.
struct DirectoryEntry {
  Ordinal first = 0;
  std::uint64_t offset = 0;
  Timestamp min = 0;
  Timestamp max = 0;
  Timestamp event_min = 0;
  Timestamp event_max = 0;
  std::uint64_t filter_offset = 0;  ///< 0: it has none.

  friend bool operator==(const DirectoryEntry&, const DirectoryEntry&) = default;
};

/// What the directory says about the frame with this header.
inline DirectoryEntry directory_entry(const FrameHeader& header, std::uint64_t offset) {
  return {.first = header.first,
          .offset = offset,
          .min = header.min,
          .max = header.max,
          .event_min = header.event_min,
          .event_max = header.event_max};
}

using Directory = std::vector<DirectoryEntry>;

std::string encode_directory(const Directory& directory);

/// nullopt if that is not a directory: ordinals and offsets must ascend.
std::optional<Directory> decode_directory(std::string_view payload);

struct Footer {
  Slot slot;  ///< The final index.
  std::uint64_t directory_offset = 0;
  std::string page = {};  ///< The header page, as stored.
};

inline constexpr std::size_t kFooterPayloadBytes = kSlotBytes + 8 + kPageBytes;
inline constexpr std::size_t kFooterBytes = kFrameHeaderBytes + kFooterPayloadBytes;

/// `footer.page` has kPageBytes.
std::string encode_footer(const Footer& footer, std::uint32_t tag);
std::optional<Footer> decode_footer(std::string_view payload, std::uint32_t tag);

}  // namespace towl::detail::v2
