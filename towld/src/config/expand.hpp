// expand_variables replaces ${NAME} and ${NAME:-default} by environment variables.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "towl/result.hpp"

namespace towld {

/// Looks a variable up; nullopt if it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The process's own environment.
std::optional<std::string> process_environment(const std::string& name);

/// `text` with its variables replaced. As in a shell, the default is taken if the variable is unset or empty; `$$`
/// stands for a dollar sign. Values are not expanded again. Errors: invalid_argument for a variable that is neither
/// set nor has a default, and for a `${` without its end.
towl::Result<std::string> expand_variables(std::string_view text, const Environment& environment);

/// `value` as expand_variables() reads it back: each `$` is doubled.
std::string escape_variables(std::string_view value);

}  // namespace towld
