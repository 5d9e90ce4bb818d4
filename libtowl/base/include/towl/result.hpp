// Result<T> is a T or an Error; Result<void> is success or an Error.
#pragma once

#include <tl/expected.hpp>

#include "towl/error.hpp"

namespace towl {

template <class T>
using Result = tl::expected<T, Error>;

/// Shorthand for `return` in a function that returns a Result: `return fail(ErrorCode::closed, "…");`
inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }
inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string file = {}) {
  return tl::unexpected<Error>(Error{.code = code, .message = std::move(message), .file = std::move(file)});
}

}  // namespace towl
