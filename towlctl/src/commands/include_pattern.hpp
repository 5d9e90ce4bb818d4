// Whether a pattern of an input's `include` matches a path: `*`, `?`, `[a-z]` and `{a,b}` within a name, `**` across
// folders, as towld reads them: a name that begins with a dot needs a dot in the pattern. It only tells a person why a
// file is not read; towld decides.
//
// A pattern comes from a server: the work is bounded, and a match that would take longer is no match. Pure; any thread.
#pragma once

#include <string_view>

namespace towlctl {

bool include_matches(std::string_view pattern, std::string_view path);

}  // namespace towlctl
