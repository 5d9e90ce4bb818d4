// redact: replaces what matches a pattern, in the text, in fields, or ("*") in all.
#include <algorithm>
#include <utility>

#include "parse/parsers.hpp"
#include "parse/pattern.hpp"
#include "towl/record/json_text.hpp"

namespace towld {
namespace {

class RedactParser : public Parser {
 public:
  RedactParser(Pattern pattern, const ParserConfig& config)
      : pattern_(std::move(pattern)), replacement_(config.replacement), names_(config.names) {
    if (names_.empty()) names_.emplace_back(field::kMessage);
    all_ = std::find(names_.begin(), names_.end(), "*") != names_.end();
  }

  Outcome apply(Draft& draft) const override {
    if (is_meant(field::kMessage)) pattern_.replace(draft.text, replacement_);
    for (Field& field : draft.fields) {
      if (!is_meant(field.name) || pattern_.replace(field.value, replacement_) == 0) continue;
      // A nested value of which something was replaced may be no JSON any more.
      if (field.is_json) field.is_json = towl::is_json(field.value);
    }
    return Outcome::done;
  }

 private:
  bool is_meant(std::string_view name) const {
    return all_ || std::find(names_.begin(), names_.end(), name) != names_.end();
  }

  Pattern pattern_;
  std::string replacement_;
  std::vector<std::string> names_;
  bool all_ = false;
};

}  // namespace

MadeParser make_redact_parser(const ParserConfig& config) {
  auto pattern = Pattern::compile(config.pattern, config.place);
  if (!pattern) return towl::fail(std::move(pattern.error()));
  std::string error;
  if (!pattern->re2().CheckRewriteString(config.replacement, &error)) {
    return towl::fail(towl::ErrorCode::invalid_argument, "the replacement cannot be used: " + error, config.place);
  }
  return std::make_unique<RedactParser>(std::move(*pattern), config);
}

}  // namespace towld
