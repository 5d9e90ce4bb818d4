// What towld/page/dist holds, as it is in the program; embed.cmake writes the definitions.
#pragma once

#include <string_view>

namespace towld {

/// gzip; lives as long as the program, as all of these.
std::string_view page_bytes();

/// The Content-Security-Policy that goes with it.
std::string_view page_policy();

/// Of these bytes and this policy alone, in quotes.
std::string_view page_tag();

}  // namespace towld
