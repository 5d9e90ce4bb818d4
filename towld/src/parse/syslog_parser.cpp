#include "parse/syslog_parser.hpp"

#include "parse/syslog_message.hpp"

namespace towld {

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
