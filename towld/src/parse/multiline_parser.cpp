// multiline: lines that belong together become one entry, at this place of the chain: after `docker` or `cri`, say.
//
// It needs a source of lines that keeps what waits (JoinState): inputs of type file.
#include <utility>

#include "parse/join_rule.hpp"
#include "parse/parser_type.hpp"

namespace towld {
namespace {

class MultilineParser : public Parser {
 public:
  explicit MultilineParser(std::shared_ptr<const JoinRule> rule) : rule_(std::move(rule)) {}

  /// A draft alone is what it is.
  Outcome apply(Draft&) const override { return Outcome::done; }
  const JoinRule* join_rule() const override { return rule_.get(); }

 private:
  std::shared_ptr<const JoinRule> rule_;
};

Settings read_multiline(YamlMap& map) {
  MultilineConfig config;
  read_multiline(map, config);
  return Settings::of(std::move(config));
}

MadeParser make_multiline_parser(const Settings& held, const std::string& place) {
  auto rule = JoinRule::create(held.as<MultilineConfig>(), place);
  if (!rule) return towl::fail(std::move(rule.error()));
  return std::make_unique<MultilineParser>(std::move(*rule));
}

}  // namespace

extern const ParserType kMultilineParser = {"multiline", read_multiline, make_multiline_parser};

}  // namespace towld
