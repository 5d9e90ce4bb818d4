// read_parts reads a list of inputs or outputs: maps that have a name and a type, and what that type has.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "config/part_type.hpp"
#include "config/yaml_map.hpp"

namespace towld {

/// Reads `type` of the map. nullptr if it is missing or unknown, which is complained about.
const PartType* read_type(YamlMap& map, const std::vector<PartType>& types);

/// The type of that name, or nullptr.
const PartType* type_named(const std::vector<PartType>& types, std::string_view name);

/// "json, logfmt or regex"
std::string list_of(const std::vector<PartType>& types);

/// Gives those without a name their type as one, with a number from the second on; complains about names that are there
/// twice. `key` is the list's, `what` one part of it.
template <class PartConfig>
void name_parts(YamlMap& document, const std::string& key, const std::string& what, std::vector<PartConfig>& parts) {
  const auto count_of = [&](const std::string& name) {
    return std::count_if(parts.begin(), parts.end(), [&](const PartConfig& part) { return part.name == name; });
  };
  for (PartConfig& part : parts) {
    if (!part.name.empty()) {
      if (count_of(part.name) > 1) document.complain(key, "two " + what + "s are named \"" + part.name + "\"");
      continue;
    }
    std::string name = part.type;
    for (int i = 2; count_of(name) > 0; ++i) name = part.type + "-" + std::to_string(i);
    part.name = name;
  }
}

/// Appends the parts of the list under `key`. `read_common` reads what parts of all types have.
template <class PartConfig, class ReadCommon>
void read_parts(YamlMap& document, const std::string& key, const std::string& what, const std::vector<PartType>& types,
                std::vector<PartConfig>& parts, const ReadCommon& read_common) {
  document.items(
      key, [&](const std::string&, YamlMap&) { document.complain(key, "each must be a map with a `type`"); },
      [&](YamlMap& map) {
        PartConfig& part = parts.emplace_back();
        map.text("name", part.name);
        const PartType* type = read_type(map, types);
        read_common(map, part);
        if (type != nullptr) {
          part.type = type->name;
          part.settings = type->read(map);
        }
        part.source_text = {map.source_text(), map.place()};
      });
  name_parts(document, key, what, parts);
}

}  // namespace towld
