// level: a field's level, however it is written, becomes PRIORITY.
#include <utility>

#include "parse/members.hpp"
#include "parse/parser_type.hpp"
#include "towl/record/level.hpp"

namespace towld {
namespace {

constexpr Names<towl::LevelScale, 4> kLevelScales = {{{"bunyan", towl::LevelScale::bunyan},
                                                      {"python", towl::LevelScale::python},
                                                      {"opentelemetry", towl::LevelScale::opentelemetry},
                                                      {"logback", towl::LevelScale::logback}}};

struct LevelSettings {
  std::string field = {};
  towl::LevelScale scale = towl::LevelScale::bunyan;

  friend bool operator==(const LevelSettings&, const LevelSettings&) = default;
};

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

Settings read_level(YamlMap& map) {
  LevelSettings settings;
  map.text("field", settings.field);
  map.choice("scale", kLevelScales, settings.scale);
  require(map, !settings.field.empty(), "level", "field", "field: level");
  return Settings::of(std::move(settings));
}

MadeParser make_level_parser(const Settings& held, const std::string&) {
  const auto& settings = held.as<LevelSettings>();
  return std::make_unique<LevelParser>(settings.field, settings.scale);
}

}  // namespace

extern const ParserType kLevelParser = {"level", read_level, make_level_parser};

}  // namespace towld
