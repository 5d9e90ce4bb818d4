// gunzip takes the gzip encoding (RFC 1952) off a request's body.
//
// Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "towl/result.hpp"

namespace towld {

/// Never holds more than `max_bytes` and a buffer, whatever the text claims to become. Errors: invalid_argument for
/// what is not gzip, or not all of it; entry_too_large.
towl::Result<std::string> gunzip(std::string_view compressed, std::size_t max_bytes);

}  // namespace towld
