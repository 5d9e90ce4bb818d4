// Names are the words that a configuration uses for the values of a choice.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace towld {

template <class T, std::size_t N>
using Names = std::array<std::pair<std::string_view, T>, N>;

template <class T, std::size_t N>
std::optional<T> value_of(const Names<T, N>& names, std::string_view name) {
  for (const auto& [known, value] : names) {
    if (known == name) return value;
  }
  return std::nullopt;
}

template <class T, std::size_t N>
std::string_view name_of(const Names<T, N>& names, T value) {
  for (const auto& [name, known] : names) {
    if (known == value) return name;
  }
  return {};
}

/// "written, interval or synced"
inline std::string list_of(const std::vector<std::string_view>& names) {
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) list += i + 1 == names.size() ? " or " : ", ";
    list += names[i];
  }
  return list;
}

template <class T, std::size_t N>
std::string list_of(const Names<T, N>& names) {
  std::vector<std::string_view> words;
  for (const auto& [name, value] : names) words.push_back(name);
  return list_of(words);
}

}  // namespace towld
