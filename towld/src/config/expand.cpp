#include "config/expand.hpp"

#include <cstdlib>

namespace towld {

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

towl::Result<std::string> expand_variables(std::string_view text, const Environment& environment) {
  std::string out;
  for (;;) {
    const auto dollar = text.find('$');
    out += text.substr(0, dollar);
    if (dollar == std::string_view::npos) return out;
    text.remove_prefix(dollar + 1);
    if (text.starts_with('$')) {
      out += '$';
      text.remove_prefix(1);
      continue;
    }
    if (!text.starts_with('{')) {
      out += '$';
      continue;
    }
    const auto end = text.find('}');
    if (end == std::string_view::npos) {
      return towl::fail(towl::ErrorCode::invalid_argument, "\"${\" without its \"}\"; write $$ for a dollar sign");
    }
    const std::string_view inside = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    const auto separator = inside.find(":-");
    const std::string name(inside.substr(0, separator));
    const auto value = environment(name);
    if (separator != std::string_view::npos) {
      out += value && !value->empty() ? std::string_view(*value) : inside.substr(separator + 2);
    } else if (value) {
      out += *value;
    } else {
      return towl::fail(towl::ErrorCode::invalid_argument,
                        "the environment variable " + name + " is not set; set it, or give a default after :-");
    }
  }
}

std::string escape_variables(std::string_view value) {
  std::string text;
  for (const char c : value) text += c == '$' ? "$$" : std::string(1, c);
  return text;
}

}  // namespace towld
