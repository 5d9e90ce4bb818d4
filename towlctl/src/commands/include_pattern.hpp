// Whether a pattern of an input's `include` stands for a path: `*`, `?`, `[a-z]` and `{a,b}` within a name, `**` across
// folders, as towld reads them. To tell a person why a file is not read; towld alone decides.
//
// A pattern comes from a server: the work is bounded, and what would take longer is no match. Pure; any thread.
#pragma once

#include <string_view>

namespace towlctl {

bool include_matches(std::string_view pattern, std::string_view path);

}  // namespace towlctl
