// YamlMap reads one map of a YAML document strictly: an unknown, repeated or mistyped key is an error that names the
// file, the line and the key.
//
// The first error is kept in the shared YamlContext; after it, all reads leave their targets as they are. So a reader
// asks for all its keys in a row and looks for the error once.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/expand.hpp"
#include "config/name_table.hpp"
#include "towl/result.hpp"

namespace towld {

struct YamlContext {
  std::string file;
  Environment environment;
  std::optional<towl::Error> error = {};

  /// FILE:LINE, or FILE if the line is not known.
  std::string place_of(const YAML::Node& node) const;

  /// Keeps the first error.
  void complain(const YAML::Node& at, const std::string& message);
};

class YamlMap {
 public:
  /// `name` is the key that led here, "" for the document.
  YamlMap(const YAML::Node& node, const std::string& name, YamlContext& context) : YamlMap(node, node, name, context) {}

  /// Calls `take` with the map under `key`, if there is one.
  void map(const std::string& key, const std::function<void(YamlMap&)>& take);

  /// Calls `take_text` with each scalar, expanded, and a map without keys that stands for it, and `take_map` with each
  /// map of the list under `key`, in order.
  void items(const std::string& key, const std::function<void(const std::string&, YamlMap&)>& take_text,
             const std::function<void(YamlMap&)>& take_map);

  /// A list of scalars, or a single one.
  void texts(const std::string& key, std::vector<std::string>& target);

  /// A map of scalars, of any keys.
  void text_map(const std::string& key, std::map<std::string, std::string>& target);

  void text(const std::string& key, std::string& target);
  void duration(const std::string& key, std::optional<std::int64_t>& target_ns);
  void bytes(const std::string& key, std::optional<std::uint64_t>& target);
  void number(const std::string& key, std::optional<std::uint64_t>& target);
  /// The same, for what has a default.
  void duration(const std::string& key, std::int64_t& target_ns);
  void bytes(const std::string& key, std::size_t& target);
  void number(const std::string& key, std::uint64_t& target);

  template <class T, std::size_t N>
  bool choice(const std::string& key, const Names<T, N>& names, T& target) {
    const auto value = scalar(key);
    if (!value) return false;
    if (const auto known = value_of(names, *value)) {
      target = *known;
      return true;
    }
    complain(key, "\"" + *value + "\" is not one of " + list_of(names));
    return false;
  }

  /// The expanded text of a scalar; nullopt if the key is absent or wrong. An empty value is an error.
  std::optional<std::string> scalar(const std::string& key);

  /// The map as it was read, variables replaced, as YAML that reads back.
  std::string source_text() const;

  /// An error about the value of `key`.
  void complain(const std::string& key, const std::string& message);

  /// FILE:LINE of the map, for what is found wrong later.
  std::string place() const { return context_.place_of(at_); }

  /// To be called after all keys were asked for: complains about any other.
  void finish();

 private:
  /// `at` is where errors are, if no key's value is meant.
  YamlMap(const YAML::Node& node, const YAML::Node& at, std::string name, YamlContext& context);

  std::string full_name(const std::string& key) const { return name_.empty() ? key : name_ + "." + key; }
  YAML::Node find(const std::string& key);
  YAML::Node printable(const YAML::Node& node) const;
  std::optional<std::string> expanded(const YAML::Node& node, const std::string& name);

  YAML::Node node_;
  YAML::Node at_;
  std::string name_;
  YamlContext& context_;
  std::vector<std::string> known_;
};

}  // namespace towld
