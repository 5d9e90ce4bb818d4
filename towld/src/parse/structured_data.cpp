#include "parse/structured_data.hpp"

#include <string>

#include "parse/syslog_message.hpp"

namespace towld {
namespace {

// The names of elements and parameters: what the grammar allows, up to a length that no sender needs.
std::size_t name_bytes(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && end <= kMaxSyslogNameBytes) {
    const char c = text[end];
    if (c <= ' ' || c >= '\x7f' || c == '=' || c == ']' || c == '"') break;
    ++end;
  }
  return end > kMaxSyslogNameBytes ? 0 : end;
}

// Up to the quote that ends a value; npos if none does.
std::size_t value_bytes(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i;
    }
  }
  return std::string_view::npos;
}

struct Element {
  std::string_view id;
  std::string_view parameter;  ///< Empty: the element has none.
  std::string_view value;      ///< As it came.
};

// Calls `take` with each parameter; returns how many bytes of `text` are well-formed elements.
template <class Take>
std::size_t each_parameter(std::string_view text, Take take) {
  std::size_t whole = 0;
  std::size_t at = 0;
  while (at < text.size() && text[at] == '[') {
    const std::string_view id = text.substr(at + 1, name_bytes(text.substr(at + 1)));
    at += 1 + id.size();
    if (id.empty()) return whole;
    if (at < text.size() && text[at] == ']') take(Element{id, {}, {}});
    while (at < text.size() && text[at] == ' ') {
      const std::string_view name = text.substr(at + 1, name_bytes(text.substr(at + 1)));
      at += 1 + name.size();
      if (name.empty() || !text.substr(at).starts_with("=\"")) return whole;
      const std::size_t length = value_bytes(text.substr(at + 2));
      if (length == std::string_view::npos) return whole;
      take(Element{id, name, text.substr(at + 2, length)});
      at += 2 + length + 1;
    }
    if (at >= text.size() || text[at] != ']') return whole;
    whole = ++at;
  }
  return whole;
}

void unescape(std::string_view value, std::string& to) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool escapes = value[i] == '\\' && i + 1 < value.size() &&
                         (value[i + 1] == '"' || value[i + 1] == '\\' || value[i + 1] == ']');
    to += value[escapes ? ++i : i];
  }
}

std::string free_name(const Draft& draft, std::string name) {
  if (draft.find(name) == nullptr) return name;
  name += '.';
  for (std::size_t number = 2;; ++number) {
    std::string numbered = name + std::to_string(number);
    if (draft.find(numbered) == nullptr) return numbered;
  }
}

}  // namespace

std::size_t structured_data_bytes(std::string_view text) {
  const std::size_t whole = each_parameter(text, [](const Element&) {});
  return whole < text.size() && text[whole] != ' ' ? 0 : whole;
}

std::size_t count_parameters(std::string_view elements) {
  std::size_t count = 0;
  each_parameter(elements, [&](const Element&) { ++count; });
  return count;
}

void set_structured_data(std::string_view elements, std::size_t most, Draft& draft) {
  std::size_t count = 0;
  each_parameter(elements, [&](const Element& element) {
    if (count++ >= most) return;
    std::string name(field::kStructuredPrefix);
    name += element.id;
    if (!element.parameter.empty()) {
      name += '.';
      name += element.parameter;
    }
    Field field;
    field.name = free_name(draft, std::move(name));
    unescape(element.value, field.value);
    draft.fields.push_back(std::move(field));
  });
}

}  // namespace towld
