// PartTypes are the types of inputs, outputs and parsers that a configuration may name: all that its reader must know
// of them. The rooms' tables are made into them by part_types().
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"

namespace towld {

class YamlMap;

struct PartType {
  std::string_view name;  ///< As `type` has it. Borrowed.
  /// Reads the keys that are the type's own, and complains to the map about what is wrong or missing.
  Settings (*read)(YamlMap& map) = nullptr;
};

struct PartTypes {
  std::vector<PartType> inputs = {};
  std::vector<PartType> outputs = {};
  std::vector<PartType> parsers = {};
};

/// The part of a table's rows that the reader needs. A row has at least the members of PartType.
template <class Table>
std::vector<PartType> part_types(const Table& table) {
  std::vector<PartType> types;
  for (const auto* row : table) types.push_back({row->name, row->read});
  return types;
}

/// The row of that name, or nullptr.
template <class Table>
typename Table::value_type find_type(const Table& table, std::string_view name) {
  for (const auto* row : table) {
    if (row->name == name) return row;
  }
  return nullptr;
}

/// For types without keys of their own.
inline Settings read_no_settings(YamlMap&) { return {}; }

}  // namespace towld
