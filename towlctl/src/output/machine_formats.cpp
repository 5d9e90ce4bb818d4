// The formats that other programs read: JSON, the journal's export format, CSV, logfmt.
#include <algorithm>
#include <cstdint>
#include <utility>

#include "output/entry_printer.hpp"
#include "output/object_writer.hpp"
#include "output/text.hpp"
#include "towl/query/address.hpp"
#include "towl/record/json_text.hpp"

namespace towlctl {
namespace {

/// Little-endian, 64 bits.
void append_length(std::uint64_t length, std::string& out) {
  for (int i = 0; i < 8; ++i) out += static_cast<char>(length >> (8 * i) & 0xFF);
}

/// One field of the export format: FIELD=value, or with its length if the value is not a line of text.
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
  if (plain) {
    out += value;
  } else {
    towl::append_json_name(value, out);  // A string, for any bytes.
  }
}

}  // namespace

namespace {

/// Puts the address of an entry that is one JSON object before its members.
void put_address(const towl::FoundEntry& entry, const towl::RecordView& journal, std::string& object) {
  if (entry.header == nullptr || entry.header->uuid == towl::Uuid{}) return;
  const bool is_taken = std::any_of(journal.members().begin(), journal.members().end(), [](const auto& member) {
    return member.name == "file_uuid" || member.name == "ordinal";
  });
  if (is_taken) return;
  const std::string address =
      "\"file_uuid\":\"" + towl::uuid_text(entry.header->uuid) + "\",\"ordinal\":" + std::to_string(entry.ordinal);
  object.insert(1, address + (object == "{}" ? "" : ","));
}

}  // namespace

void EntryPrinter::print_json(const towl::FoundEntry& entry, const towl::RecordView* journal, std::string& out) const {
  std::string object;
  if (journal != nullptr && options_.fields.empty()) {
    towl::append_json_record(*journal, object);
    put_address(entry, *journal, object);
  } else {
    ObjectWriter to(object);
    if (journal != nullptr) {
      for (const towl::RecordField& field : journal->implied()) {
        if (is_shown(field.name)) towl::append_json_text(field.value, to.name(field.name));
      }
      for (const towl::JsonMember& member : journal->members()) {
        if (is_shown(member.name)) towl::append_compact_json(member.json, to.name(member.name));
      }
    } else {
      write_text_entry(entry, to);
    }
    object += '}';
  }
  if (options_.format == OutputFormat::json_pretty) {
    std::string pretty;
    towl::append_pretty_json(object, 0, pretty);
    object = std::move(pretty);
  }
  out += safe(object) + "\n";
}

void EntryPrinter::write_text_entry(const towl::FoundEntry& entry, ObjectWriter& to) const {
  const towl::EntryView& view = entry.entry;
  const auto add = [&](std::string_view name, std::string_view json) {
    if (is_shown(name)) to.name(name) += json;
  };
  const auto add_text = [&](std::string_view name, std::string_view text) {
    if (is_shown(name)) towl::append_json_text(text, to.name(name));
  };
  add("file_id", std::to_string(entry.file_id()));
  if (entry.header != nullptr && entry.header->uuid != towl::Uuid{}) {
    add_text("file_uuid", towl::uuid_text(entry.header->uuid));
  }
  add("ordinal", std::to_string(entry.ordinal));
  add_text("sender", view.sender);
  add_text("time", towl::format_rfc3339(view.time()).view());
  add_text("received", towl::format_rfc3339(view.received).view());
  add("log_format", std::to_string(static_cast<int>(view.log_format)));
  add_text("log_entry", view.log_entry);
}

void EntryPrinter::print_export(const towl::FoundEntry& entry, const towl::RecordView* journal,
                                std::string& out) const {
  const auto add = [&](std::string_view name, std::string_view value) {
    if (is_shown(name)) append_field(name, value, out);
  };
  for (const towl::RecordField& field : record_.implied()) add(field.name, field.value);
  for (const towl::RecordField& field : record_.fields()) add(field.name, field.value);
  if (journal == nullptr) add("MESSAGE", entry.entry.log_entry);
  out += '\n';
}

void EntryPrinter::print_csv(const towl::FoundEntry& entry, const towl::RecordView* journal, std::string& out) const {
  out += std::to_string(entry.file_id()) + "," + std::to_string(entry.ordinal) + ",";
  out += towl::format_rfc3339(entry.entry.time()).view();
  out += ',';
  out += towl::format_rfc3339(entry.entry.received).view();
  out += ',';
  append_csv(entry.entry.sender, out);
  out += "," + std::to_string(static_cast<int>(entry.entry.log_format)) + ",";
  append_csv(journal != nullptr ? journal->message() : entry.entry.log_entry, out);
  out += "\r\n";
}

void EntryPrinter::print_logfmt(const towl::FoundEntry& entry, const towl::RecordView* journal,
                                std::string& out) const {
  std::string line;
  append_logfmt("time", towl::format_rfc3339(entry.entry.time()).view(), line);
  append_logfmt("sender", entry.entry.sender, line);
  if (journal != nullptr) {
    for (const towl::RecordField& field : journal->fields()) {
      if (is_shown(field.name)) append_logfmt(field.name, field.value, line);
    }
  } else {
    append_logfmt("msg", entry.entry.log_entry, line);
  }
  out += line + "\n";
}

}  // namespace towlctl
