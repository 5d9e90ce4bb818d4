#include "config/read_parts.hpp"

namespace towld {

const PartType* type_named(const std::vector<PartType>& types, std::string_view name) {
  const auto found = std::find_if(types.begin(), types.end(), [&](const PartType& type) { return type.name == name; });
  return found == types.end() ? nullptr : &*found;
}

std::string list_of(const std::vector<PartType>& types) {
  std::vector<std::string_view> names;
  names.reserve(types.size());
  for (const PartType& type : types) names.push_back(type.name);
  return list_of(names);
}

const PartType* read_type(YamlMap& map, const std::vector<PartType>& types) {
  const auto name = map.scalar("type");
  if (!name) {
    map.complain("type", "is missing: one of " + list_of(types));
    return nullptr;
  }
  const PartType* type = type_named(types, *name);
  if (type == nullptr) map.complain("type", "\"" + *name + "\" is not one of " + list_of(types));
  return type;
}

}  // namespace towld
