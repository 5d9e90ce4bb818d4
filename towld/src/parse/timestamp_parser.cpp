// timestamp: the time that a field, or the beginning of the text, tells becomes the entry's event time, and
// _SOURCE_REALTIME_TIMESTAMP if that is set. The text stays.
#include <utility>

#include "parse/members.hpp"
#include "parse/parser_type.hpp"
#include "parse/time_format.hpp"

namespace towld {
namespace {

struct TimestampSettings {
  std::string field = {};      ///< Empty: the text.
  std::string format = {};     ///< rfc3339, unix, unix_ms, … or strptime's.
  std::string time_zone = {};  ///< Of times that have none; empty: this machine's.

  friend bool operator==(const TimestampSettings&, const TimestampSettings&) = default;
};

class TimestampParser : public Parser {
 public:
  TimestampParser(TimeFormat format, std::string field) : format_(std::move(format)), field_(std::move(field)) {}

  Outcome apply(Draft& draft) const override {
    const auto value = value_of(draft, field_);
    if (!value) return Outcome::failed;
    const auto time = format_.parse(*value, draft.received != 0 ? draft.received : towl::now());
    if (!time) {
      draft.is_time_unreadable = true;
      return Outcome::failed;
    }
    draft.is_time_unreadable = false;
    if (draft.find(field::kSourceTime) != nullptr) {
      draft.set_time(*time);
    } else {
      draft.time = *time;
    }
    return Outcome::done;
  }

 private:
  TimeFormat format_;
  std::string field_;
};

Settings read_timestamp(YamlMap& map) {
  TimestampSettings settings;
  map.text("field", settings.field);
  map.text("format", settings.format);
  map.text("time_zone", settings.time_zone);
  require(map, !settings.format.empty(), "timestamp", "format", "format: '%Y-%m-%d %H:%M:%S'");
  return Settings::of(std::move(settings));
}

MadeParser make_timestamp_parser(const Settings& held, const std::string& place) {
  const auto& settings = held.as<TimestampSettings>();
  auto format = TimeFormat::compile(settings.format, settings.time_zone, place);
  if (!format) return towl::fail(std::move(format.error()));
  return std::make_unique<TimestampParser>(std::move(*format), settings.field);
}

}  // namespace

extern const ParserType kTimestampParser = {"timestamp", read_timestamp, make_timestamp_parser};

}  // namespace towld
