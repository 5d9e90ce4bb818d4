// The front of a file of format 2: header page, index page, and the frame that repeats the header page.
#pragma once

#include <string>
#include <string_view>

#include "towl/file_layer.hpp"
#include "towl/result.hpp"
#include "v2/pages.hpp"

namespace towl::detail::v2 {

/// Everything in front of the first entry of a new file, kDataOffset bytes. Errors: invalid_argument where org and
/// title do not fit.
Result<std::string> encode_front(const HeaderPage& page);

/// The header page, `page` being what was read of it; where that is damaged, as the first frame repeats it.
/// Errors: io, not_a_towl_file, unsupported_version, corrupt; without the file's name.
Result<HeaderPage> read_header(File& file, std::string_view page);

/// The same, of a file of format 2, reading the page too.
Result<HeaderPage> read_header_page(File& file);

/// The header checksum of the first frame, where the chain begins.
std::uint32_t first_chain(std::string_view front);

/// The header page that the first frame repeats. Errors: io, corrupt, unsupported_version.
Result<HeaderPage> read_repeated_header(File& file);

}  // namespace towl::detail::v2
