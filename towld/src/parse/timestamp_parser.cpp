// timestamp: the time that a field, or the beginning of the text, tells becomes the entry's event time, and
// _SOURCE_REALTIME_TIMESTAMP where that is set. The text stays.
#include <utility>

#include "parse/members.hpp"
#include "parse/parsers.hpp"
#include "parse/time_format.hpp"

namespace towld {
namespace {

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

}  // namespace

MadeParser make_timestamp_parser(const ParserConfig& config) {
  auto format = TimeFormat::compile(config.format, config.time_zone, config.place);
  if (!format) return towl::fail(std::move(format.error()));
  return std::make_unique<TimestampParser>(std::move(*format), config.field);
}

}  // namespace towld
