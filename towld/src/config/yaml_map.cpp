#include "config/yaml_map.hpp"

#include <algorithm>

#include "config/expand.hpp"
#include "limits/limits.hpp"
#include "towl/quantity.hpp"

namespace towld {
namespace {

/// Edits that turn one word into the other (Levenshtein's distance).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

std::string suggestion(const std::string& key, const std::vector<std::string>& known) {
  std::string best;
  std::size_t smallest = key.size() / 3 + 2;
  for (const std::string& name : known) {
    if (key.size() > kMaxComparedKeyBytes) break;
    if (const std::size_t edits = distance(key, name); edits < smallest) {
      smallest = edits;
      best = name;
    }
  }
  if (!best.empty()) return ": did you mean \"" + best + "\"?";
  std::string list;
  for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
  return ": known here are " + list;
}

}  // namespace

std::string YamlContext::place_of(const YAML::Node& node) const {
  return node.Mark().line >= 0 ? file + ":" + std::to_string(node.Mark().line + 1) : file;
}

void YamlContext::complain(const YAML::Node& at, const std::string& message) {
  if (!error) error = towl::Error{towl::ErrorCode::invalid_argument, message, place_of(at)};
}

YamlMap::YamlMap(const YAML::Node& node, const YAML::Node& at, std::string name, YamlContext& context)
    : node_(node), at_(at), name_(std::move(name)), context_(context) {
  if (node_.IsNull() || node_.IsMap()) return;
  context_.complain(node_, (name_.empty() ? "the document" : "\"" + name_ + "\"") +
                               " must be a map: keys with values, one a line, indented");
  node_ = YAML::Node();
}

YAML::Node YamlMap::find(const std::string& key) {
  known_.push_back(key);
  if (!node_.IsMap()) return YAML::Node(YAML::NodeType::Undefined);
  // A walk, not node_[key]: that one would not notice a key that is there twice.
  YAML::Node found(YAML::NodeType::Undefined);
  for (const auto& pair : node_) {
    if (!pair.first.IsScalar() || pair.first.Scalar() != key) continue;
    if (found.IsDefined()) context_.complain(pair.first, "\"" + full_name(key) + "\" is there twice");
    found.reset(pair.second);
  }
  return found;
}

void YamlMap::map(const std::string& key, const std::function<void(YamlMap&)>& take) {
  const YAML::Node node = find(key);
  if (!node.IsDefined()) return;
  YamlMap inner(node, full_name(key), context_);
  take(inner);
  inner.finish();
}

void YamlMap::items(const std::string& key, const std::function<void(const std::string&, YamlMap&)>& take_text,
                    const std::function<void(YamlMap&)>& take_map) {
  const YAML::Node node = find(key);
  if (!node.IsDefined() || node.IsNull()) return;
  if (!node.IsSequence()) return context_.complain(node, "\"" + full_name(key) + "\" must be a list");
  for (std::size_t i = 0; i < node.size(); ++i) {
    const YAML::Node item = node[i];
    const std::string name = full_name(key) + "[" + std::to_string(i) + "]";
    if (item.IsMap()) {
      YamlMap inner(item, name, context_);
      take_map(inner);
      inner.finish();
    } else if (const auto value = expanded(item, name)) {
      YamlMap no_keys(YAML::Node(), item, name, context_);
      take_text(*value, no_keys);
    }
  }
}

void YamlMap::texts(const std::string& key, std::vector<std::string>& target) {
  const YAML::Node node = find(key);
  if (!node.IsDefined()) return;
  target.clear();
  if (node.IsScalar()) {
    if (auto value = expanded(node, full_name(key))) target.push_back(std::move(*value));
    return;
  }
  if (!node.IsSequence()) return context_.complain(node, "\"" + full_name(key) + "\" must be a list");
  for (std::size_t i = 0; i < node.size(); ++i) {
    if (auto value = expanded(node[i], full_name(key))) target.push_back(std::move(*value));
  }
}

void YamlMap::text_map(const std::string& key, std::map<std::string, std::string>& target) {
  const YAML::Node node = find(key);
  if (!node.IsDefined() || node.IsNull()) return;
  if (!node.IsMap()) return context_.complain(node, "\"" + full_name(key) + "\" must be a map");
  for (const auto& pair : node) {
    const auto name = expanded(pair.first, full_name(key));
    auto value = expanded(pair.second, full_name(key));
    if (name && value) target[*name] = std::move(*value);
  }
}

std::optional<std::string> YamlMap::expanded(const YAML::Node& node, const std::string& name) {
  if (!node.IsScalar()) {
    context_.complain(node, "\"" + name + "\" must have a single value");
    return std::nullopt;
  }
  auto value = expand_variables(node.Scalar(), context_.environment);
  if (!value) {
    context_.complain(node, "\"" + name + "\": " + value.error().message);
    return std::nullopt;
  }
  return std::move(*value);
}

std::optional<std::string> YamlMap::scalar(const std::string& key) {
  const YAML::Node node = find(key);
  if (!node.IsDefined()) return std::nullopt;
  return expanded(node, full_name(key));
}

// Everything as text in quotes, as it is read back. Values were checked before.
YAML::Node YamlMap::printable(const YAML::Node& node) const {
  YAML::Node copy;
  if (node.IsScalar()) {
    const auto value = expand_variables(node.Scalar(), context_.environment);
    copy = escape_variables(value ? *value : node.Scalar());
  } else if (node.IsSequence()) {
    for (const auto& item : node) copy.push_back(printable(item));
  } else if (node.IsMap()) {
    for (const auto& pair : node) copy[pair.first.Scalar()] = printable(pair.second);
  }
  return copy;
}

std::string YamlMap::source_text() const {
  YAML::Emitter out;
  out.SetMapFormat(YAML::Flow);
  out.SetSeqFormat(YAML::Flow);
  out.SetStringFormat(YAML::DoubleQuoted);
  out << printable(node_);
  return out.c_str();
}

void YamlMap::complain(const std::string& key, const std::string& message) {
  YAML::Node at = at_;
  if (node_.IsMap()) {
    for (const auto& pair : node_) {
      if (pair.first.IsScalar() && pair.first.Scalar() == key) at.reset(pair.second);
    }
  }
  context_.complain(at, "\"" + full_name(key) + "\": " + message);
}

void YamlMap::text(const std::string& key, std::string& target) {
  if (auto value = scalar(key)) target = std::move(*value);
}

void YamlMap::duration(const std::string& key, std::optional<std::int64_t>& target_ns) {
  const auto value = scalar(key);
  if (!value) return;
  const auto parsed = towl::parse_duration(*value);
  if (!parsed) return complain(key, parsed.error().message);
  if (*parsed == 0) return complain(key, "must be longer than nothing");
  target_ns = *parsed;
}

void YamlMap::bytes(const std::string& key, std::optional<std::uint64_t>& target) {
  const auto value = scalar(key);
  if (!value) return;
  const auto parsed = towl::parse_bytes(*value);
  if (!parsed) return complain(key, parsed.error().message);
  if (*parsed == 0) return complain(key, "must be more than nothing");
  target = *parsed;
}

void YamlMap::number(const std::string& key, std::optional<std::uint64_t>& target) {
  const auto value = scalar(key);
  if (!value) return;
  // A size without a unit is a plain number.
  const auto parsed = towl::parse_bytes(*value);
  if (!parsed || !std::all_of(value->begin(), value->end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return complain(key, "\"" + *value + "\" is not a whole number");
  }
  if (*parsed == 0) return complain(key, "must be at least 1");
  target = *parsed;
}

void YamlMap::duration(const std::string& key, std::int64_t& target_ns) {
  std::optional<std::int64_t> value;
  duration(key, value);
  if (value) target_ns = *value;
}

void YamlMap::bytes(const std::string& key, std::size_t& target) {
  std::optional<std::uint64_t> value;
  bytes(key, value);
  if (value) target = *value;
}

void YamlMap::number(const std::string& key, std::uint64_t& target) {
  std::optional<std::uint64_t> value;
  number(key, value);
  if (value) target = *value;
}

void YamlMap::finish() {
  if (!node_.IsMap()) return;
  for (const auto& pair : node_) {
    const std::string key = pair.first.IsScalar() ? pair.first.Scalar() : "?";
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
      context_.complain(pair.first, "unknown key \"" + full_name(key) + "\"" + suggestion(key, known_));
    }
  }
}

}  // namespace towld
