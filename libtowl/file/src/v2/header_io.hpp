// The front of a file of format 2: header page, index page, and the frame that repeats the header page.
#pragma once

#include <string>
#include <string_view>

#include "towl/file_layer.hpp"
#include "towl/result.hpp"
#include "v2/pages.hpp"

namespace towl::detail::v2 {

/// Everything before the first entry of a new file, kDataOffset bytes. Errors: invalid_argument if org and
/// title do not fit.
Result<std::string> encode_front(const HeaderPage& page);

/// The header page; `page` is what was read of it. If that is damaged, copies are used: frames that repeat it (the
/// first one, and those in the file's first 4 MiB and last 1 MiB), or the footer of a sealed file. If none is left, the
/// result has what is needed to read frames: the tag that they carry, and the ID in the name of `path`; org, title and
/// UUID are empty then. Errors: io, not_a_towl_file, unsupported_version, corrupt; without the file's name.
Result<HeaderPage> read_header(File& file, std::string_view page, const std::string& path = {});

/// The same for a file of format 2; reads the page too.
Result<HeaderPage> read_header_page(File& file, const std::string& path = {});

/// Whether only the tag of its frames is known of the file: it can be read and repaired, but takes no entries.
inline bool is_header_lost(const HeaderPage& page) { return page.tag != file_tag(page.header.uuid); }

/// The tag of the file with this header, as read_header() gave it.
Result<std::uint32_t> tag_of(File& file, const Header& header);

/// Frames that repeat the header page are in other blocks of the disk than the page: before the first frame that
/// begins at or after this …
inline constexpr std::uint64_t kFirstCopyAt = std::uint64_t{8} << 10;
/// … or this, and at the end of a closed file.
inline constexpr std::uint64_t kSecondCopyAt = std::uint64_t{1} << 20;

/// Whether one comes before the frame that begins at `offset`, if the frame before that begins at `last_frame`.
constexpr bool is_copy_due(std::uint64_t last_frame, std::uint64_t offset) {
  return (last_frame < kFirstCopyAt && offset >= kFirstCopyAt) ||
         (last_frame < kSecondCopyAt && offset >= kSecondCopyAt);
}

/// The header checksum of the first frame, where the chain begins.
std::uint32_t first_chain(std::string_view front);

/// The header page that the first frame repeats. Errors: io, corrupt, unsupported_version.
Result<HeaderPage> read_repeated_header(File& file);

}  // namespace towl::detail::v2
