// The words for the choices that are the whole collector's, in one place for reading and printing.
#pragma once

#include "config/config.hpp"
#include "config/name_table.hpp"

namespace towld {

inline constexpr Names<Durability, 3> kDurabilities = {{
    {"written", Durability::written},
    {"interval", Durability::interval},
    {"synced", Durability::synced},
}};
inline constexpr Names<towl::FileFormat, 2> kFileFormats = {
    {{"v1", towl::FileFormat::v1}, {"v2", towl::FileFormat::v2}}};
inline constexpr Names<bool, 2> kYesOrNo = {{{"true", true}, {"false", false}}};
inline constexpr Names<towl::Period, 5> kPeriods = {{
    {"minute", towl::Period::minute},
    {"hour", towl::Period::hour},
    {"day", towl::Period::day},
    {"week", towl::Period::week},
    {"month", towl::Period::month},
}};
inline constexpr Names<LogLevel, 4> kLogLevels = {{
    {"debug", LogLevel::debug},
    {"info", LogLevel::info},
    {"warning", LogLevel::warning},
    {"error", LogLevel::error},
}};
inline constexpr Names<LogStyle, 2> kLogStyles = {{{"console", LogStyle::console}, {"json", LogStyle::json}}};

}  // namespace towld
