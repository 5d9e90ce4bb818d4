// What simdjson's On-Demand API of version 3.0 lacks. It does not check what is skipped: see is_json().
#pragma once

#include <simdjson.h>

#include <optional>
#include <string_view>

namespace towld {

/// The JSON text of a value, unchecked where it is nested; nullopt where it is none.
inline std::optional<std::string_view> raw_json(simdjson::ondemand::value value) {
  using simdjson::ondemand::json_type;
  json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return std::nullopt;
  std::string_view json;
  if (type == json_type::object) {
    simdjson::ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
    if (object.raw_json().get(json) != simdjson::SUCCESS) return std::nullopt;
  } else if (type == json_type::array) {
    simdjson::ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return std::nullopt;
    if (array.raw_json().get(json) != simdjson::SUCCESS) return std::nullopt;
  } else {
    json = value.raw_json_token();
  }
  const auto end = json.find_last_not_of(" \t\r\n");
  return json.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

/// Nothing follows what was read.
inline bool at_end(simdjson::ondemand::document& document) {
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

}  // namespace towld
