// redact: replaces what matches a pattern, in the text, in fields, or ("*") in all.
#include <algorithm>
#include <utility>

#include "parse/parser_type.hpp"
#include "parse/pattern.hpp"
#include "towl/record/json_text.hpp"

namespace towld {
namespace {

struct RedactSettings {
  std::string pattern = {};
  std::vector<std::string> fields = {};    ///< "*": all; none: the text.
  std::string replacement = "[redacted]";  ///< \1 is the first group.

  friend bool operator==(const RedactSettings&, const RedactSettings&) = default;
};

class RedactParser : public Parser {
 public:
  RedactParser(Pattern pattern, const RedactSettings& settings)
      : pattern_(std::move(pattern)), replacement_(settings.replacement), names_(settings.fields) {
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

Settings read_redact(YamlMap& map) {
  RedactSettings settings;
  map.text("pattern", settings.pattern);
  map.texts("fields", settings.fields);
  map.text("replacement", settings.replacement);
  require(map, !settings.pattern.empty(), "redact", "pattern", R"(pattern: 'password=\S+')");
  return Settings::of(std::move(settings));
}

MadeParser make_redact_parser(const Settings& held, const std::string& place) {
  const auto& settings = held.as<RedactSettings>();
  auto pattern = Pattern::compile(settings.pattern, place);
  if (!pattern) return towl::fail(std::move(pattern.error()));
  std::string error;
  if (!pattern->re2().CheckRewriteString(settings.replacement, &error)) {
    return towl::fail(towl::ErrorCode::invalid_argument, "the replacement cannot be used: " + error, place);
  }
  return std::make_unique<RedactParser>(std::move(*pattern), settings);
}

}  // namespace

extern const ParserType kRedactParser = {"redact", read_redact, make_redact_parser};

}  // namespace towld
