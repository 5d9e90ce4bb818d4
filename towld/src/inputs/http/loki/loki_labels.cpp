#include "inputs/http/loki/loki_labels.hpp"

#include <algorithm>

namespace towld {
namespace {

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

/// A string in double quotes with Go's escapes, or in backquotes; taken off `rest`.
bool take_string(std::string_view& rest, std::string& value) {
  if (rest.starts_with('`')) {
    const auto end = rest.find('`', 1);
    if (end == std::string_view::npos) return false;
    value = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    return true;
  }
  if (!rest.starts_with('"')) return false;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return true;
    }
    if (rest[i] != '\\' || i + 1 == rest.size()) {
      value += rest[i];
      continue;
    }
    switch (rest[++i]) {
      case 'n':
        value += '\n';
        break;
      case 't':
        value += '\t';
        break;
      case 'r':
        value += '\r';
        break;
      case '"':
      case '\\':
        value += rest[i];
        break;
      default:
        value += '\\';
        value += rest[i];
    }
  }
  return false;
}

}  // namespace

towl::Result<Labels> parse_labels(std::string_view text) {
  const auto wrong = [] {
    return towl::fail(towl::ErrorCode::invalid_argument, R"(the labels must be like {app="shop", level="error"})");
  };
  Labels labels;
  std::string_view rest = trim(text);
  if (!rest.starts_with('{')) return wrong();
  rest = trim(rest.substr(1));
  while (!rest.starts_with('}')) {
    const auto end = rest.find_first_of("= \t\"}");
    if (end == 0 || end == std::string_view::npos) return wrong();
    std::string name(rest.substr(0, end));
    rest = trim(rest.substr(end));
    if (!rest.starts_with('=')) return wrong();
    rest = trim(rest.substr(1));
    std::string value;
    if (!take_string(rest, value)) return wrong();
    labels.emplace_back(std::move(name), std::move(value));
    rest = trim(rest);
    if (rest.starts_with(',')) {
      rest = trim(rest.substr(1));
    } else if (!rest.starts_with('}')) {
      return wrong();
    }
  }
  if (!trim(rest.substr(1)).empty()) return wrong();
  return labels;
}

}  // namespace towld
