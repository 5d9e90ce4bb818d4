// What programs call the severity of an entry, as one of syslog's (RFC 5424, 6.2.1).
#pragma once

#include <optional>
#include <string_view>

#include "config/parser_config.hpp"

namespace towld {

/// 0 emergency to 7 debug; nullopt for what is no level. Case, blanks and brackets around it do not matter: "WARN",
/// "[info]", "E". Numbers: 0 to 7 are syslog's, from 10 on `scale` says what they mean.
std::optional<int> parse_level(std::string_view text, LevelScale scale = LevelScale::bunyan);

}  // namespace towld
