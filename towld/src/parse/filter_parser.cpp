// drop, keep: drops the entries of which a field (or the text) is, or is not, one of some values or like a pattern. A
// field that is not there is neither.
#include <algorithm>
#include <optional>
#include <utility>

#include "parse/members.hpp"
#include "parse/parser_type.hpp"
#include "parse/pattern.hpp"

namespace towld {
namespace {

struct FilterSettings {
  std::string field = {};                ///< Empty: the text.
  std::vector<std::string> equals = {};  ///< One of these,
  std::string matches = {};              ///< or a regular expression.

  friend bool operator==(const FilterSettings&, const FilterSettings&) = default;
};

class FilterParser : public Parser {
 public:
  FilterParser(bool keeps, const FilterSettings& settings, std::optional<Pattern> pattern)
      : keeps_(keeps), field_(settings.field), equals_(settings.equals), pattern_(std::move(pattern)) {}

  Outcome apply(Draft& draft) const override {
    const auto value = value_of(draft, field_);
    const bool fits = value && (pattern_ ? pattern_->matches(*value)
                                         : std::find(equals_.begin(), equals_.end(), *value) != equals_.end());
    return fits == keeps_ ? Outcome::done : Outcome::drop;
  }

 private:
  bool keeps_;
  std::string field_;
  std::vector<std::string> equals_;
  std::optional<Pattern> pattern_;
};

Settings read_filter(YamlMap& map, const std::string& type) {
  FilterSettings settings;
  map.text("field", settings.field);
  map.texts("equals", settings.equals);
  map.text("matches", settings.matches);
  if (settings.equals.empty() == settings.matches.empty()) {
    map.complain("equals", type + " needs either `equals` or `matches`");
  }
  return Settings::of(std::move(settings));
}

template <bool keeps>
MadeParser make_filter_parser(const Settings& held, const std::string& place) {
  const auto& settings = held.as<FilterSettings>();
  std::optional<Pattern> pattern;
  if (!settings.matches.empty()) {
    auto compiled = Pattern::compile(settings.matches, place);
    if (!compiled) return towl::fail(std::move(compiled.error()));
    pattern = std::move(*compiled);
  }
  return std::make_unique<FilterParser>(keeps, settings, std::move(pattern));
}

}  // namespace

extern const ParserType kDropParser = {"drop", [](YamlMap& map) { return read_filter(map, "drop"); },
                                       make_filter_parser<false>};
extern const ParserType kKeepParser = {"keep", [](YamlMap& map) { return read_filter(map, "keep"); },
                                       make_filter_parser<true>};

}  // namespace towld
