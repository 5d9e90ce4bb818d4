#include "parse/draft.hpp"

#include "parse/json_text.hpp"

namespace towld {

towl::LogFormat format_of(const Draft& draft) {
  return draft.fields.empty() && !draft.is_journal_json ? towl::LogFormat::text : towl::LogFormat::journal_json;
}

void encode_draft(const Draft& draft, std::string& to) {
  if (draft.fields.empty()) {
    to += draft.text;
    return;
  }
  to += R"({"MESSAGE":)";
  append_json_text(draft.text, to);
  for (const Field& field : draft.fields) {
    to += ',';
    append_json_text(field.name, to);
    to += ':';
    if (field.is_json) {
      to += field.value;
    } else {
      append_json_text(field.value, to);
    }
  }
  to += '}';
}

}  // namespace towld
