#include "parse/level.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace towld {
namespace {

constexpr std::array<std::pair<std::string_view, int>, 47> kLevels = {{
    {"info", 6},
    {"debug", 7},
    {"warn", 4},
    {"warning", 4},
    {"error", 3},
    {"notice", 5},
    {"err", 3},
    {"fatal", 2},
    {"critical", 2},
    {"crit", 2},
    {"trace", 7},
    {"information", 6},
    {"informational", 6},
    {"emerg", 0},
    {"emergency", 0},
    {"panic", 0},
    {"alert", 1},
    {"severe", 3},
    {"verbose", 7},
    {"dbg", 7},
    {"inf", 6},
    {"wrn", 4},
    {"ftl", 2},
    {"trc", 7},
    {"eror", 3},
    {"dpanic", 2},
    {"debug1", 7},
    {"debug2", 7},
    {"debug3", 7},
    {"debug4", 7},
    {"debug5", 7},
    {"fine", 7},
    {"finer", 7},
    {"finest", 7},
    {"config", 6},
    {"log", 6},
    {"default", 6},
    {"warnings", 4},
    {"errors", 3},
    {"d", 7},
    {"t", 7},
    {"v", 7},
    {"i", 6},
    {"n", 5},
    {"w", 4},
    {"e", 3},
    {"f", 2},
}};

/// The longest name; longer texts are no levels.
constexpr std::size_t kMaxLevelBytes = 13;

/// What encloses and follows levels: "[info]", "<3>", " warn:"
constexpr std::string_view kAround = " \t\r\n[](){}<>:|\"'*";

std::optional<int> from_number(int number, LevelScale scale) {
  if (number >= 0 && number <= 7) return number;
  if (number < 10 || number > 69) return std::nullopt;
  const int tens = number / 10;
  if (scale == LevelScale::python) {
    constexpr std::array<int, 7> kPython = {7, 7, 6, 4, 3, 2, 2};
    return kPython[static_cast<std::size_t>(tens)];
  }
  constexpr std::array<int, 7> kBunyan = {7, 7, 7, 6, 4, 3, 2};
  return kBunyan[static_cast<std::size_t>(tens)];
}

}  // namespace

std::optional<int> parse_level(std::string_view text, LevelScale scale) {
  const auto begin = text.find_first_not_of(kAround);
  if (begin == std::string_view::npos) return std::nullopt;
  text = text.substr(begin, text.find_last_not_of(kAround) - begin + 1);
  if (text.size() > kMaxLevelBytes) return std::nullopt;
  int number = 0;
  const char* end = text.data() + text.size();
  if (const auto parsed = std::from_chars(text.data(), end, number); parsed.ec == std::errc() && parsed.ptr == end) {
    return from_number(number, scale);
  }
  std::array<char, kMaxLevelBytes> buffer{};
  std::transform(text.begin(), text.end(), buffer.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  const std::string_view lower(buffer.data(), text.size());
  for (const auto& [name, level] : kLevels) {
    if (name == lower) return level;
  }
  return std::nullopt;
}

}  // namespace towld
