// ParserType is a row of the table of parsers: its name, how its settings are read, and how it is made. Each parser's
// file has its own, and the settings that only it knows.
//
// All: a draft that is not what the parser is for stays as it is, and the outcome is `failed`.
// Threads: any; parsers do not change.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "config/yaml_map.hpp"
#include "parse/parser_chain.hpp"
#include "towl/result.hpp"

namespace towld {

using MadeParser = towl::Result<std::unique_ptr<const Parser>>;

struct ParserType {
  std::string_view name;  ///< As `type` has it.
  /// Reads the keys, and complains about those that it cannot do without. A parser that is named alone has none.
  Settings (*read)(YamlMap& map);
  /// `settings` are what read() made. Errors: invalid_argument, with `place`, the place in the configuration;
  /// not_found, permission_denied, io, with a file that the settings name.
  MadeParser (*make)(const Settings& settings, const std::string& place);
};

/// Complains if a key that the type cannot do without is not `set`, with an example of it.
inline void require(YamlMap& map, bool set, std::string_view type, const std::string& key, std::string_view example) {
  if (set) return;
  std::string message(type);
  message += " needs `" + key + "`, e.g. { type: ";
  message += type;
  message += ", ";
  message += example;
  map.complain(key, message + " }");
}

/// The settings of parsers that only have the field that they work on; empty: the text.
struct FieldSettings {
  std::string field = {};

  friend bool operator==(const FieldSettings&, const FieldSettings&) = default;
};

inline Settings read_field_settings(YamlMap& map) {
  FieldSettings settings;
  map.text("field", settings.field);
  return Settings::of(std::move(settings));
}

}  // namespace towld
