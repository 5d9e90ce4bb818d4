// level: a field's level, however it is written, becomes PRIORITY.
#include <utility>

#include "parse/level.hpp"
#include "parse/members.hpp"
#include "parse/parser_type.hpp"

namespace towld {
namespace {

constexpr Names<LevelScale, 2> kLevelScales = {{{"bunyan", LevelScale::bunyan}, {"python", LevelScale::python}}};

struct LevelSettings {
  std::string field = {};
  LevelScale scale = LevelScale::bunyan;

  friend bool operator==(const LevelSettings&, const LevelSettings&) = default;
};

class LevelParser : public Parser {
 public:
  LevelParser(std::string field, LevelScale scale) : field_(std::move(field)), scale_(scale) {}

  Outcome apply(Draft& draft) const override {
    const auto value = value_of(draft, field_);
    const auto level = value ? parse_level(*value, scale_) : std::nullopt;
    if (!level) return Outcome::failed;
    draft.set(field::kPriority, std::to_string(*level));
    return Outcome::done;
  }

 private:
  std::string field_;
  LevelScale scale_;
};

Settings read(YamlMap& map) {
  LevelSettings settings;
  map.text("field", settings.field);
  map.choice("scale", kLevelScales, settings.scale);
  require(map, !settings.field.empty(), "level", "field", "field: level");
  return Settings::of(std::move(settings));
}

MadeParser make(const Settings& held, const std::string&) {
  const auto& settings = held.as<LevelSettings>();
  return std::make_unique<LevelParser>(settings.field, settings.scale);
}

}  // namespace

extern const ParserType kLevelParser = {"level", read, make};

}  // namespace towld
