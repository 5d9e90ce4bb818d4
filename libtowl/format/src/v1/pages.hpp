// The header and the index page of format version 1. Text: spec/format-v1.md.
//
// The pages of both functions are kPageBytes long, padded with zeros. Decoding takes a page of that length and ignores
// what follows the values (verify does not: see padding_offset).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "towl/header.hpp"
#include "towl/result.hpp"
#include "v1/layout.hpp"

namespace towl::detail::v1 {

/// Errors: invalid_argument if org and title do not fit in the page.
Result<std::string> encode_header_page(const Header& header);
Result<std::string> encode_index_page(const Index& index);

/// Errors: not_a_towl_file (the magic), unsupported_version, corrupt. None names a file: the caller adds it.
Result<Header> decode_header_page(std::string_view page);
Result<Index> decode_index_page(std::string_view page);

/// The offset in `page` of the first byte after the values that is not zero, if there is one.
/// `page` must have been decoded without an error.
std::optional<std::size_t> header_padding_error(std::string_view page);
std::optional<std::size_t> index_padding_error(std::string_view page);

/// The values of a header page after `magic`, as in format 1; format 2 begins with the same.
std::string encode_header_values(std::string_view magic, const Header& header);

struct HeaderValues {
  Header header;
  std::size_t bytes = 0;  ///< Where they end, magic included.
};

/// Reads them from a page whose magic and version are known to be right. Errors: corrupt.
Result<HeaderValues> decode_header_values(std::string_view page);

/// The version after the magic of a page of at least 13 bytes.
std::int32_t header_version(std::string_view page);

}  // namespace towl::detail::v1
