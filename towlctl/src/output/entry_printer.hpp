// EntryPrinter turns entries into text: journalctl's formats, and some of our own.
//
//   short          a text entry as it was logged, so that what went in comes out; a journal entry as journalctl prints
//                  it: time, host, identifier[pid]: message
//   short-precise  the same with microseconds; text entries too begin with time and sender
//   short-iso      the same with ISO 8601 times
//   verbose        every field on a line of its own
//   json           one object per line: the journal entry as it is stored, after time and sender if it lacks them; for
//                  text the fields of the towl entry
//   json-pretty    the same, indented
//   cat            only the message
//   raw            the stored text of any entry
//   export         systemd's journal export format
//   csv, logfmt    for other programs
// One thread at a time.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "towl/query/search.hpp"
#include "towl/record/record_view.hpp"

namespace towlctl {

class ObjectWriter;

enum class OutputFormat {
  short_,
  short_precise,
  short_iso,
  verbose,
  json,
  json_pretty,
  cat,
  raw,
  export_,
  csv,
  logfmt
};

/// By their names on the command line.
const std::map<std::string, OutputFormat>& output_formats();

struct OutputOptions {
  OutputFormat format = OutputFormat::short_;
  bool utc = false;
  bool all = false;                      ///< Print what is not printable too, as journalctl -a does.
  bool terminal = false;                 ///< Control characters are escaped.
  bool color = false;                    ///< Journal entries coloured by priority.
  std::vector<std::string> fields = {};  ///< verbose, json, export: only these. Empty: all.
};

class EntryPrinter {
 public:
  explicit EntryPrinter(OutputOptions options) : options_(std::move(options)) {}

  /// What comes before the first entry.
  std::string_view header() const;

  /// Appends the entry's text, newline included, to `out`.
  void print(const towl::FoundEntry& entry, std::string& out);

 private:
  void print_short(const towl::FoundEntry& entry, const towl::RecordView* journal, std::string& out) const;
  void print_short_text(const towl::EntryView& entry, std::string& out) const;
  void print_verbose(const towl::FoundEntry& entry, const towl::RecordView* journal, std::string& out) const;
  void print_json(const towl::FoundEntry& entry, const towl::RecordView* journal, std::string& out) const;
  void write_text_entry(const towl::FoundEntry& entry, ObjectWriter& to) const;
  void print_export(const towl::FoundEntry& entry, const towl::RecordView* journal, std::string& out) const;
  void print_csv(const towl::FoundEntry& entry, const towl::RecordView* journal, std::string& out) const;
  void print_logfmt(const towl::FoundEntry& entry, const towl::RecordView* journal, std::string& out) const;
  bool is_shown(std::string_view field) const;
  std::string safe(std::string_view text) const;

  OutputOptions options_;
  towl::RecordView record_;
};

/// Sets `record` to the entry and returns it; nullptr for a text entry, and for invalid JSON.
const towl::RecordView* as_journal(const towl::EntryView& entry, towl::RecordView& record);

}  // namespace towlctl
