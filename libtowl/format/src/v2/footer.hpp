// What stands behind the entries of a sealed file: filters, the directory, the footer. Text: spec/format-v2.md, "Sealed
// files".
//
// The footer is the last frame of the file and always as long as any other footer: it is found from the file's end,
// with both pages gone.
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
  std::uint64_t filter_offset = 0;  ///< 0: it has none.

  friend bool operator==(const DirectoryEntry&, const DirectoryEntry&) = default;
};

using Directory = std::vector<DirectoryEntry>;

std::string encode_directory(const Directory& directory);

/// nullopt where that is no directory: ordinals and offsets ascend.
std::optional<Directory> decode_directory(std::string_view payload);

struct Footer {
  Slot slot;  ///< The index as it is for good.
  std::uint64_t directory_offset = 0;
};

inline constexpr std::size_t kFooterPayloadBytes = kSlotBytes + 8;
inline constexpr std::size_t kFooterBytes = kFrameHeaderBytes + kFooterPayloadBytes;

std::string encode_footer(const Footer& footer, std::uint32_t tag);
std::optional<Footer> decode_footer(std::string_view payload, std::uint32_t tag);

}  // namespace towl::detail::v2
