#include "outputs/entry_format.hpp"

#include <array>
#include <cstdio>
#include <optional>

#include "parse/json_text.hpp"

namespace towld {
namespace {

using simdjson::dom::element;

/// The string of a value as systemd writes it: a string, or an array of byte values.
std::optional<std::string> string_of(element value) {
  if (std::string_view text; value.get(text) == simdjson::SUCCESS) return std::string(text);
  simdjson::dom::array bytes;
  if (value.get(bytes) != simdjson::SUCCESS) return std::nullopt;
  std::string text;
  for (const element one : bytes) {
    std::uint64_t byte = 0;
    if (one.get(byte) != simdjson::SUCCESS || byte > 0xFF) return std::nullopt;
    text += static_cast<char>(byte);
  }
  return text;
}

std::optional<std::string> string_at(element object, std::string_view name) {
  element value;
  if (object.at_key(name).get(value) != simdjson::SUCCESS) return std::nullopt;
  return string_of(value);
}

/// What may do something to a terminal, as \xNN; further lines are indented.
void append_safe(std::string_view text, std::string& to) {
  const bool utf8 = simdjson::validate_utf8(text.data(), text.size());
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
    case OutputFormat::text: {
      const towl::EntryView& entry = followed.entry;
      element document;
      std::optional<std::string> message;
      if (entry.log_format == towl::LogFormat::journal_json &&
          parser_.parse(entry.log_entry.data(), entry.log_entry.size()).get(document) == simdjson::SUCCESS) {
        message = string_at(document, "MESSAGE");
      }
      to += message ? std::string_view(*message) : entry.log_entry;
      break;
    }
  }
  to += '\n';
}

void EntryFormatter::append_json(const FollowedEntry& followed, std::string& to) {
  const towl::EntryView& entry = followed.entry;
  if (entry.log_format == towl::LogFormat::journal_json) {
    const bool one_line = entry.log_entry.find_first_of("\r\n") == std::string_view::npos;
    element document;
    if (parser_.parse(entry.log_entry.data(), entry.log_entry.size()).get(document) == simdjson::SUCCESS) {
      if (one_line) {
        to += entry.log_entry;
      } else {
        to += simdjson::minify(document);
      }
      return;
    }
  }
  to += R"({"file_id":)" + std::to_string(followed.file_id) + R"(,"ordinal":)" + std::to_string(followed.ordinal) +
        R"(,"sender":)";
  append_json_text(entry.sender, to);
  to += R"(,"time":")";
  to += towl::format_rfc3339(entry.time()).view();
  to += R"(","received":")";
  to += towl::format_rfc3339(entry.received).view();
  to += R"(","log_format":)" + std::to_string(static_cast<int>(entry.log_format)) + R"(,"log_entry":)";
  append_json_text(entry.log_entry, to);
  to += '}';
}

void EntryFormatter::append_console(const FollowedEntry& followed, std::string& to) {
  const towl::EntryView& entry = followed.entry;
  to += towl::format_rfc3339(entry.time()).view();
  to += ' ';
  append_safe(entry.sender, to);
  std::optional<std::string> message;
  element document;
  if (entry.log_format == towl::LogFormat::journal_json &&
      parser_.parse(entry.log_entry.data(), entry.log_entry.size()).get(document) == simdjson::SUCCESS) {
    message = string_at(document, "MESSAGE");
    if (const auto identifier = string_at(document, "SYSLOG_IDENTIFIER")) {
      to += ' ';
      append_safe(*identifier, to);
    }
  }
  to += ": ";
  append_safe(message ? std::string_view(*message) : entry.log_entry, to);
}

}  // namespace towld
