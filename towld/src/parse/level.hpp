// What programs call the severity of an entry, as one of syslog's (RFC 5424, 6.2.1).
#pragma once

#include <optional>
#include <string_view>

namespace towld {

/// What numbers from 10 on mean as levels; those from 0 to 7 are always syslog's.
enum class LevelScale {
  bunyan,  ///< 10 trace, 20 debug, 30 info, 40 warning, 50 error, 60 fatal: bunyan, pino.
  python,  ///< 10 debug, 20 info, 30 warning, 40 error, 50 critical.
};

/// 0 emergency to 7 debug; nullopt for what is no level. Case, blanks and brackets around it do not matter: "WARN",
/// "[info]", "E". Numbers: 0 to 7 are syslog's, from 10 on `scale` says what they mean.
std::optional<int> parse_level(std::string_view text, LevelScale scale = LevelScale::bunyan);

}  // namespace towld
