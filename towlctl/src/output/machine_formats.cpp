// The formats that other programs read: JSON, the journal's export format, CSV, logfmt.
#include <cstdint>
#include <nlohmann/json.hpp>

#include "output/entry_printer.hpp"
#include "output/text.hpp"

namespace towlctl {
namespace {

using Json = nlohmann::ordered_json;

/// A string, or an array of byte values where it is not UTF-8, as journald writes them.
Json to_json(std::string_view text) {
  if (is_utf8(text)) return text;
  Json bytes = Json::array();
  for (const char c : text) bytes.push_back(static_cast<unsigned>(static_cast<unsigned char>(c)));
  return bytes;
}

/// Little-endian, 64 bits.
void append_length(std::uint64_t length, std::string& out) {
  for (int i = 0; i < 8; ++i) out += static_cast<char>(length >> (8 * i) & 0xFF);
}

/// One field of the export format: FIELD=value, or with its length where the value is not a line of text.
void append_field(std::string_view name, std::string_view value, std::string& out) {
  out += name;
  if (is_printable(value) && value.find('\n') == std::string_view::npos) {
    out += '=';
  } else {
    out += '\n';
    append_length(value.size(), out);
  }
  out += value;
  out += '\n';
}

/// RFC 4180.
void append_csv(std::string_view value, std::string& out) {
  if (value.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += value;
    return;
  }
  out += '"';
  for (const char c : value) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_logfmt(std::string_view name, std::string_view value, std::string& out) {
  if (!out.empty() && out.back() != '\n') out += ' ';
  out += name;
  out += '=';
  const bool plain =
      !value.empty() && is_printable(value) && value.find_first_of(" \"=\\\t\n") == std::string_view::npos;
  out += plain ? std::string(value) : Json(value).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void EntryPrinter::print_json(const towl::ScanEntry& entry, const JournalEntry* journal, std::string& out) const {
  const bool pretty = options_.format == OutputFormat::json_pretty;
  const std::string_view stored = entry.entry.log_entry;
  const bool one_line = stored.find_first_of("\r\n") == std::string_view::npos;
  if (journal != nullptr && options_.fields.empty() && !pretty && one_line && is_utf8(stored)) {
    out += safe(stored) + "\n";  // As it is: nothing is lost or reordered.
    return;
  }
  Json json = Json::object();
  if (journal != nullptr) {
    for (const JournalField& field : journal->fields()) {
      if (!is_shown(field.name)) continue;
      Json& target = json[field.name];
      if (target.is_null()) {
        target = to_json(field.value);
      } else {
        // A field that is there again: an array of its values. Byte values are numbers, so they are told apart.
        if (!target.is_array() || target.front().is_number()) target = Json::array({target});
        target.push_back(to_json(field.value));
      }
    }
  } else {
    const auto add = [&](const char* name, Json value) {
      if (is_shown(name)) json[name] = std::move(value);
    };
    add("file_id", entry.file_id);
    add("ordinal", entry.ordinal);
    add("sender", to_json(entry.entry.sender));
    add("time", towl::format_rfc3339(entry.entry.time()).view());
    add("received", towl::format_rfc3339(entry.entry.received).view());
    add("log_format", static_cast<int>(entry.entry.log_format));
    add("log_entry", to_json(entry.entry.log_entry));
  }
  out += json.dump(pretty ? 2 : -1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void EntryPrinter::print_export(const towl::ScanEntry& entry, const JournalEntry* journal, std::string& out) const {
  if (journal != nullptr) {
    for (const JournalField& field : journal->fields()) {
      if (is_shown(field.name)) append_field(field.name, field.value, out);
    }
  } else {
    append_field("__REALTIME_TIMESTAMP", std::to_string(entry.entry.received / 1000), out);
    if (is_shown("_SOURCE_REALTIME_TIMESTAMP") && entry.entry.time() != entry.entry.received) {
      append_field("_SOURCE_REALTIME_TIMESTAMP", std::to_string(entry.entry.time() / 1000), out);
    }
    if (is_shown("_HOSTNAME")) append_field("_HOSTNAME", entry.entry.sender, out);
    if (is_shown("MESSAGE")) append_field("MESSAGE", entry.entry.log_entry, out);
  }
  out += '\n';
}

void EntryPrinter::print_csv(const towl::ScanEntry& entry, const JournalEntry* journal, std::string& out) const {
  out += std::to_string(entry.file_id) + "," + std::to_string(entry.ordinal) + ",";
  out += towl::format_rfc3339(entry.entry.time()).view();
  out += ',';
  out += towl::format_rfc3339(entry.entry.received).view();
  out += ',';
  append_csv(entry.entry.sender, out);
  out += "," + std::to_string(static_cast<int>(entry.entry.log_format)) + ",";
  append_csv(journal != nullptr ? journal->message() : entry.entry.log_entry, out);
  out += "\r\n";
}

void EntryPrinter::print_logfmt(const towl::ScanEntry& entry, const JournalEntry* journal, std::string& out) const {
  std::string line;
  append_logfmt("time", towl::format_rfc3339(entry.entry.time()).view(), line);
  append_logfmt("sender", entry.entry.sender, line);
  if (journal != nullptr) {
    for (const JournalField& field : journal->fields()) {
      if (is_shown(field.name)) append_logfmt(field.name, field.value, line);
    }
  } else {
    append_logfmt("msg", entry.entry.log_entry, line);
  }
  out += line + "\n";
}

}  // namespace towlctl
