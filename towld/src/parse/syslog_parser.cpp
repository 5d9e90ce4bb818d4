#include "parse/syslog_parser.hpp"

#include "parse/parser_type.hpp"
#include "parse/syslog_message.hpp"

namespace towld {
namespace {

struct SyslogSettings {
  std::string time_zone = {};  ///< Of times that have none; empty: this machine's.

  friend bool operator==(const SyslogSettings&, const SyslogSettings&) = default;
};

Settings read_syslog(YamlMap& map) {
  SyslogSettings settings;
  map.text("time_zone", settings.time_zone);
  return Settings::of(std::move(settings));
}

MadeParser make_syslog_parser(const Settings& settings, const std::string& place) {
  auto zone = towl::TimeZone::load(settings.as<SyslogSettings>().time_zone);
  if (!zone) return towl::fail(towl::ErrorCode::invalid_argument, zone.error().message, place);
  return std::make_unique<SyslogParser>(std::move(*zone));
}

}  // namespace

extern const ParserType kSyslogParser = {"syslog", read_syslog, make_syslog_parser};

Parser::Outcome SyslogParser::apply(Draft& draft) const {
  if (draft.is_journal_json) return Outcome::failed;
  const std::string_view message = without_end_mark(draft.text);
  const SyslogParts parts = parse_syslog(message, draft.received, zone_);
  if (parts.form == SyslogForm::unparsed) return Outcome::failed;
  set_syslog_fields(parts, message, draft);
  // The text is the message's end, in the draft's own memory.
  const std::size_t text_bytes = parts.text.size();
  const std::size_t text_begin = message.size() - text_bytes;
  draft.text.resize(text_begin + text_bytes);
  draft.text.erase(0, text_begin);
  return Outcome::done;
}

}  // namespace towld
