// drop, keep: drops the entries of which a field (or the text) is, or is not, one of some values or like a pattern. A
// field that is not there is neither.
#include <algorithm>
#include <optional>
#include <utility>

#include "parse/members.hpp"
#include "parse/parsers.hpp"
#include "parse/pattern.hpp"

namespace towld {
namespace {

class FilterParser : public Parser {
 public:
  FilterParser(const ParserConfig& config, std::optional<Pattern> pattern)
      : keeps_(config.type == ParserType::keep),
        field_(config.field),
        equals_(config.equals),
        pattern_(std::move(pattern)) {}

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

}  // namespace

MadeParser make_filter_parser(const ParserConfig& config) {
  std::optional<Pattern> pattern;
  if (!config.matches.empty()) {
    auto compiled = Pattern::compile(config.matches, config.place);
    if (!compiled) return towl::fail(std::move(compiled.error()));
    pattern = std::move(*compiled);
  }
  return std::make_unique<FilterParser>(config, std::move(pattern));
}

}  // namespace towld
