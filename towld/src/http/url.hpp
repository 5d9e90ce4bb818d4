// The parts of a URL as values.
//
// Any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace towld {

/// `text` without its %-escapes; with `plus_is_space`, as in queries, `+` is a space. nullopt for a broken escape.
std::optional<std::string> decode_url(std::string_view text, bool plus_is_space);

/// NAME=VALUE&…; of repeated names the last. nullopt for a broken escape.
std::optional<std::map<std::string, std::string>> parse_query(std::string_view query);

}  // namespace towld
