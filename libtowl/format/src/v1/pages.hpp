// The header and the index page of format version 1. Text: spec/format-v1.md.
//
// Both functions' pages are kPageBytes long, padded with zeros. Decoding takes a page of that length; what stands
// behind the values is not looked at (verify does: see padding_offset).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "towl/header.hpp"
#include "towl/result.hpp"
#include "v1/layout.hpp"

namespace towl::detail::v1 {

/// Errors: invalid_argument where org and title do not fit the page.
Result<std::string> encode_header_page(const Header& header);
Result<std::string> encode_index_page(const Index& index);

/// Errors: not_a_towl_file (the magic), unsupported_version, corrupt. None names a file: the caller adds it.
Result<Header> decode_header_page(std::string_view page);
Result<Index> decode_index_page(std::string_view page);

/// The offset in `page` of the first byte behind the values that is not zero, if there is one.
/// `page` must have been decoded without an error.
std::optional<std::size_t> header_padding_error(std::string_view page);
std::optional<std::size_t> index_padding_error(std::string_view page);

}  // namespace towl::detail::v1
