#include "output/entry_printer.hpp"

#include <algorithm>
#include <cstdint>

#include "output/local_time.hpp"
#include "output/text.hpp"

namespace towlctl {
namespace {

constexpr std::string_view kRed = "\x1b[1;31m";
constexpr std::string_view kYellow = "\x1b[1;33m";
constexpr std::string_view kGrey = "\x1b[90m";
constexpr std::string_view kReset = "\x1b[0m";

/// As journalctl colours: errors and worse, warnings, debug.
std::string_view color_of(const towl::RecordView& journal) {
  const auto priority = journal.level().value_or(6);
  if (priority <= 3) return kRed;
  if (priority == 4) return kYellow;
  return priority == 7 ? kGrey : std::string_view();
}

std::string format_time(towl::Timestamp time, OutputFormat format, bool utc) {
  if (format == OutputFormat::short_precise) return format_short_precise(time, utc);
  if (format == OutputFormat::short_iso) return format_short_iso(time, utc);
  return format_short(time, utc);
}

/// The lines of `text` after the first one, each indented.
void append_lines(std::string_view text, std::size_t indent, std::string& out) {
  for (;;) {
    const auto end = text.find('\n');
    out += text.substr(0, end);
    if (end == std::string_view::npos || end + 1 == text.size()) return;
    out += '\n';
    out.append(indent, ' ');
    text.remove_prefix(end + 1);
  }
}

/// "host identifier[pid]", as journalctl chooses them. An entry that did not come from a journal has its sender instead
/// of a host, and may have nothing else.
std::string origin_of(const towl::RecordView& journal, std::string_view sender) {
  std::string origin;
  const auto usable = [&](std::string_view name) {
    const auto value = journal.find(name);
    return value && is_printable(*value) ? value : std::nullopt;
  };
  const auto host = usable("_HOSTNAME");
  if (host) origin += " " + std::string(*host);
  if (!host && !sender.empty() && is_printable(sender)) origin += " " + std::string(sender);
  auto identifier = usable("SYSLOG_IDENTIFIER");
  if (!identifier) identifier = usable("_COMM");
  if (!identifier && !host && !origin.empty()) return origin;
  origin += " " + std::string(identifier.value_or("unknown"));
  auto pid = usable("_PID");
  if (!pid) pid = usable("SYSLOG_PID");
  if (pid) origin += "[" + std::string(*pid) + "]";
  return origin;
}

}  // namespace

const std::map<std::string, OutputFormat>& output_formats() {
  static const std::map<std::string, OutputFormat> kFormats = {{"short", OutputFormat::short_},
                                                               {"short-precise", OutputFormat::short_precise},
                                                               {"short-iso", OutputFormat::short_iso},
                                                               {"verbose", OutputFormat::verbose},
                                                               {"json", OutputFormat::json},
                                                               {"json-pretty", OutputFormat::json_pretty},
                                                               {"cat", OutputFormat::cat},
                                                               {"raw", OutputFormat::raw},
                                                               {"export", OutputFormat::export_},
                                                               {"csv", OutputFormat::csv},
                                                               {"logfmt", OutputFormat::logfmt}};
  return kFormats;
}

const towl::RecordView* as_journal(const towl::EntryView& entry, towl::RecordView& record) {
  record.set(entry);
  return record.has_fields() ? &record : nullptr;
}

bool EntryPrinter::is_shown(std::string_view field) const {
  // As in journalctl: fields of the address are always shown.
  return options_.fields.empty() || field.starts_with("__") ||
         std::find(options_.fields.begin(), options_.fields.end(), field) != options_.fields.end();
}

std::string EntryPrinter::safe(std::string_view text) const {
  return options_.terminal ? escape_control(text) : std::string(text);
}

std::string_view EntryPrinter::header() const {
  return options_.format == OutputFormat::csv ? "file_id,ordinal,time,received,sender,log_format,message\r\n" : "";
}

void EntryPrinter::print_short_text(const towl::EntryView& entry, std::string& out) const {
  if (options_.format != OutputFormat::short_) {
    out += format_time(entry.time(), options_.format, options_.utc) + " " + safe(entry.sender) + ": ";
  }
  if (options_.terminal) {
    out += escape_control(entry.log_entry);
  } else {
    out += entry.log_entry;
  }
  out += '\n';
}

void EntryPrinter::print_short(const towl::FoundEntry& entry, const towl::RecordView* journal, std::string& out) const {
  if (journal == nullptr) return print_short_text(entry.entry, out);
  const std::string prefix =
      format_time(entry.entry.time(), options_.format, options_.utc) + origin_of(*journal, entry.entry.sender);
  out += prefix + ": ";
  const std::string_view color = options_.color ? color_of(*journal) : std::string_view();
  out += color;
  const std::string stripped = options_.all ? std::string() : strip_ansi(journal->message());
  const std::string_view message = options_.all ? journal->message() : std::string_view(stripped);
  if (!options_.all && !is_printable(message)) {
    out += blob(message.size());
  } else {
    append_lines(safe(message), prefix.size() + 2, out);
  }
  if (!color.empty()) out += kReset;
  out += '\n';
}

void EntryPrinter::print_verbose(const towl::FoundEntry& entry, const towl::RecordView* journal,
                                 std::string& out) const {
  constexpr std::string_view kIndent = "    ";
  out += format_verbose(entry.entry.time(), options_.utc) + " [file " + std::to_string(entry.file_id()) + ", ordinal " +
         std::to_string(entry.ordinal) + "]\n";
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!is_shown(name)) return;
    out += kIndent;
    out += safe(name) + "=";
    if (!options_.all && !is_printable(value)) {
      out += blob(value.size());
    } else {
      append_lines(safe(value), kIndent.size() + name.size() + 1, out);
    }
    out += '\n';
  };
  if (journal != nullptr) {
    for (const towl::RecordField& field : journal->implied()) add(field.name, field.value);
    for (const towl::RecordField& field : journal->fields()) add(field.name, field.value);
    return;
  }
  add("SENDER", entry.entry.sender);
  add("TIME", towl::format_rfc3339(entry.entry.time()).view());
  add("RECEIVED", towl::format_rfc3339(entry.entry.received).view());
  add("LOG_FORMAT", std::to_string(static_cast<int>(entry.entry.log_format)));
  add("MESSAGE", entry.entry.log_entry);
}

void EntryPrinter::print(const towl::FoundEntry& entry, std::string& out) {
  if (options_.format == OutputFormat::raw) {
    out += safe(entry.entry.log_entry) + "\n";
    return;
  }
  const towl::RecordView* journal = as_journal(entry.entry, record_);
  switch (options_.format) {
    case OutputFormat::verbose:
      return print_verbose(entry, journal, out);
    case OutputFormat::json:
    case OutputFormat::json_pretty:
      return print_json(entry, journal, out);
    case OutputFormat::export_:
      return print_export(entry, journal, out);
    case OutputFormat::csv:
      return print_csv(entry, journal, out);
    case OutputFormat::logfmt:
      return print_logfmt(entry, journal, out);
    case OutputFormat::cat:
      out += safe(journal != nullptr ? journal->message() : entry.entry.log_entry) + "\n";
      return;
    default:
      return print_short(entry, journal, out);
  }
}

}  // namespace towlctl
