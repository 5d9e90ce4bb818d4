#include "outputs/entry_format.hpp"

#include <array>
#include <cstdio>

#include "towl/record/json_text.hpp"

namespace towld {
namespace {

/// What may do something to a terminal, as \xNN; further lines are indented.
void append_safe(std::string_view text, std::string& to) {
  const bool utf8 = towl::is_utf8(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // C1's control characters are of two bytes in UTF-8.
    const bool c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (text[i] == '\n') {
      to += "\n    ";
    } else if ((byte >= 0x20 && byte != 0x7F && !c1 && (utf8 || byte < 0x80)) || text[i] == '\t') {
      to += text[i];
    } else {
      for (std::size_t end = i + (c1 ? 2 : 1);; ++i) {
        std::array<char, 8> escape{};
        std::snprintf(escape.data(), escape.size(), "\\x%02x",
                      static_cast<unsigned>(static_cast<unsigned char>(text[i])));
        to += escape.data();
        if (i + 1 == end) break;
      }
    }
  }
}

}  // namespace

void EntryFormatter::append(const FollowedEntry& followed, std::string& to) {
  switch (format_) {
    case OutputFormat::json:
      append_json(followed, to);
      break;
    case OutputFormat::console:
      append_console(followed, to);
      break;
    case OutputFormat::text:
      record_.set(followed.entry);
      to += record_.message();
      break;
  }
  to += '\n';
}

void EntryFormatter::append_json(const FollowedEntry& followed, std::string& to) {
  const towl::EntryView& entry = followed.entry;
  record_.set(entry);
  if (record_.has_fields()) return towl::append_json_record(record_, to);
  towl::append_json_entry(followed.file_id, followed.ordinal, entry, to);
}

void EntryFormatter::append_console(const FollowedEntry& followed, std::string& to) {
  const towl::EntryView& entry = followed.entry;
  to += towl::format_rfc3339(entry.time()).view();
  to += ' ';
  append_safe(entry.sender, to);
  record_.set(entry);
  const auto identifier = record_.has_fields() ? record_.find(field::kIdentifier) : std::nullopt;
  if (identifier) {
    to += ' ';
    append_safe(*identifier, to);
  }
  to += ": ";
  append_safe(record_.message(), to);
}

}  // namespace towld
