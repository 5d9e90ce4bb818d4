#include "towl/record/level.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

namespace towl {
namespace {

/// The usual ones first: they are looked for in this order.
constexpr std::array<std::pair<std::string_view, Level>, 48> kLevels = {{
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
    {"failure", 3},
    {"d", 7},
    {"t", 7},
    {"v", 7},
    {"i", 6},
    {"n", 5},
    {"w", 4},
    {"e", 3},
    {"f", 2},
}};

constexpr std::array<std::string_view, 8> kLevelNames = {"emerg",   "alert",  "crit", "err",
                                                         "warning", "notice", "info", "debug"};

/// The longest name; longer texts are no levels.
constexpr std::size_t kMaxLevelBytes = 13;

/// What encloses and follows levels: "[info]", "<3>", " warn:"
constexpr std::string_view kAround = " \t\r\n[](){}<>:|\"'*";

/// https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
std::optional<Level> from_opentelemetry(int number) {
  constexpr std::array<Level, 6> kFours = {7, 7, 6, 4, 3, 2};
  if (number < 1 || number > 24) return std::nullopt;
  return kFours[static_cast<std::size_t>(number - 1) / 4];
}

/// ch.qos.logback.classic.Level
std::optional<Level> from_logback(int number) {
  switch (number) {
    case 5'000:
    case 10'000:
      return 7;
    case 20'000:
      return 6;
    case 30'000:
      return 4;
    case 40'000:
      return 3;
    default:
      return std::nullopt;
  }
}

std::optional<Level> from_number(int number, LevelScale scale) {
  if (scale == LevelScale::opentelemetry) return from_opentelemetry(number);
  if (scale == LevelScale::logback) return from_logback(number);
  if (number >= kMostSevere && number <= kLeastSevere) return number;
  if (number < 10 || number > 69) return std::nullopt;
  constexpr std::array<Level, 7> kBunyan = {7, 7, 7, 6, 4, 3, 2};
  constexpr std::array<Level, 7> kPython = {7, 7, 6, 4, 3, 2, 2};
  const auto tens = static_cast<std::size_t>(number / 10);
  return scale == LevelScale::python ? kPython[tens] : kBunyan[tens];
}

}  // namespace

std::optional<Level> parse_level(std::string_view text, LevelScale scale) {
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

std::string_view level_name(Level level) { return kLevelNames.at(static_cast<std::size_t>(level)); }

Result<LevelRange> parse_level_range(std::string_view text) {
  const auto dots = text.find("..");
  const bool is_range = dots != std::string_view::npos;
  const auto first = parse_level(text.substr(0, dots));
  const auto second = is_range ? parse_level(text.substr(dots + 2)) : std::optional<Level>(kMostSevere);
  if (first && second) return LevelRange{std::min(*first, *second), std::max(*first, *second)};
  return fail(ErrorCode::invalid_argument,
              "\"" + std::string(text) +
                  "\" is not a level: emerg, alert, crit, err, warning, notice, info, debug and what programs call "
                  "them (fatal, warn, trace …), 0 to 7, or a range as err..alert");
}

}  // namespace towl
