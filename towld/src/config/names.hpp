// The words that a configuration uses for choices, in one place for reading and printing.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "config/config.hpp"

namespace towld {

template <class T, std::size_t N>
using Names = std::array<std::pair<std::string_view, T>, N>;

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
inline constexpr Names<InputType, 5> kInputTypes = {{
    {"file", InputType::file},
    {"journald", InputType::journald},
    {"syslog", InputType::syslog},
    {"http", InputType::http},
    {"stdin", InputType::stdin_},
}};
inline constexpr Names<OutputType, 3> kOutputTypes = {
    {{"towl", OutputType::towl}, {"stdout", OutputType::stdout_}, {"file", OutputType::file}}};
inline constexpr Names<ReadFrom, 2> kReadFrom = {{{"beginning", ReadFrom::beginning}, {"end", ReadFrom::end}}};
inline constexpr Names<Encoding, 4> kEncodings = {{
    {"utf-8", Encoding::utf8},
    {"utf-16le", Encoding::utf16le},
    {"utf-16be", Encoding::utf16be},
    {"latin1", Encoding::latin1},
}};
template <class T, std::size_t N>
std::optional<T> value_of(const Names<T, N>& names, std::string_view name) {
  for (const auto& [known, value] : names) {
    if (known == name) return value;
  }
  return std::nullopt;
}

template <class T, std::size_t N>
std::string_view name_of(const Names<T, N>& names, T value) {
  for (const auto& [name, known] : names) {
    if (known == value) return name;
  }
  return {};
}

/// "written, interval or synced"
template <class T, std::size_t N>
std::string list_of(const Names<T, N>& names) {
  std::string list;
  for (std::size_t i = 0; i < N; ++i) {
    if (i > 0) list += i + 1 == N ? " or " : ", ";
    list += names[i].first;
  }
  return list;
}

}  // namespace towld
