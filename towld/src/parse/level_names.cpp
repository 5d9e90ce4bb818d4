#include "parse/level_names.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace towld {
namespace {

constexpr std::size_t kLongestName = 13;

// Sorted by name.
constexpr std::array<std::pair<std::string_view, int>, 47> kNames = {{
    {"0", 0},      {"1", 1},       {"10", 7},    {"2", 2},           {"20", 7},
    {"3", 3},      {"30", 6},      {"4", 4},     {"40", 4},          {"5", 5},
    {"50", 3},     {"6", 6},       {"60", 2},    {"7", 7},           {"a", 1},
    {"alert", 1},  {"c", 2},       {"crit", 2},  {"critical", 2},    {"d", 7},
    {"dbg", 7},    {"debug", 7},   {"e", 3},     {"emerg", 0},       {"emergency", 0},
    {"err", 3},    {"error", 3},   {"f", 2},     {"fatal", 2},       {"fine", 7},
    {"finest", 7}, {"i", 6},       {"info", 6},  {"information", 6}, {"informational", 6},
    {"n", 5},      {"notice", 5},  {"panic", 0}, {"severe", 3},      {"t", 7},
    {"trace", 7},  {"trc", 7},     {"v", 7},     {"verbose", 7},     {"w", 4},
    {"warn", 4},   {"warning", 4},
}};
static_assert(std::is_sorted(kNames.begin(), kNames.end()));

}  // namespace

std::optional<int> parse_level_name(std::string_view text) {
  if (text.empty() || text.size() > kLongestName) return std::nullopt;
  std::array<char, kLongestName> lower{};
  std::transform(text.begin(), text.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const std::string_view name(lower.data(), text.size());
  const auto found = std::lower_bound(kNames.begin(), kNames.end(), name,
                                      [](const auto& known, std::string_view wanted) { return known.first < wanted; });
  if (found == kNames.end() || found->first != name) return std::nullopt;
  return found->second;
}

}  // namespace towld
