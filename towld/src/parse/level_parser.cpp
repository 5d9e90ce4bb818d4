// level: a field's level, however it is written, becomes PRIORITY.
#include <utility>

#include "parse/members.hpp"
#include "parse/parsers.hpp"
#include "towl/record/level.hpp"

namespace towld {
namespace {

class LevelParser : public Parser {
 public:
  LevelParser(std::string field, towl::LevelScale scale) : field_(std::move(field)), scale_(scale) {}

  Outcome apply(Draft& draft) const override {
    const auto value = value_of(draft, field_);
    const auto level = value ? towl::parse_level(*value, scale_) : std::nullopt;
    if (!level) return Outcome::failed;
    draft.set_level(*level);
    return Outcome::done;
  }

 private:
  std::string field_;
  towl::LevelScale scale_;
};

}  // namespace

MadeParser make_level_parser(const ParserConfig& config) {
  return std::make_unique<LevelParser>(config.field, config.scale);
}

}  // namespace towld
