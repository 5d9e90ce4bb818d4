// The tokens and elements of JSON that is known to be valid.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace towl::detail {

/// The bytes of the token that `json` begins with: a string, a bracket, or what ends before the next of these.
inline std::size_t token_bytes(std::string_view json) {
  if (json.front() == '"') {
    std::size_t end = 1;
    while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
    return std::min(end + 1, json.size());
  }
  constexpr std::string_view kEnds = " \t\r\n\",:[]{}";
  if (kEnds.find(json.front()) != std::string_view::npos) return 1;
  return std::min(json.find_first_of(kEnds), json.size());
}

/// Calls `take` for each token; not for the space between them.
template <class Take>
void each_token(std::string_view json, Take take) {
  while (!json.empty()) {
    const std::size_t bytes = token_bytes(json);
    const std::string_view token = json.substr(0, bytes);
    json.remove_prefix(bytes);
    const char c = token.front();
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') take(token);
  }
}

/// Calls `take` for each element of the array `json`.
template <class Take>
void each_element(std::string_view json, Take take) {
  std::size_t depth = 0;
  const char* begin = nullptr;
  const char* end = nullptr;
  const auto finish = [&] {
    if (begin != nullptr) take(std::string_view(begin, static_cast<std::size_t>(end - begin)));
    begin = nullptr;
  };
  each_token(json, [&](std::string_view token) {
    const char c = token.front();
    if (c == ']' || c == '}') --depth;
    if (depth == 0 || (depth == 1 && c == ',')) {
      if (depth == 1 || c == ']') finish();
    } else {
      if (begin == nullptr) begin = token.data();
      end = token.data() + token.size();
    }
    if (c == '[' || c == '{') ++depth;
  });
}

/// systemd's form of a string that is not UTF-8: the bytes of `json`, an array of byte values; nullopt if it is another
/// array.
std::optional<std::string> bytes_of(std::string_view json);

}  // namespace towl::detail
