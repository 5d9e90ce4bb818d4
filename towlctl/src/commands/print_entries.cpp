#include "commands/print_entries.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arguments/options.hpp"
#include "output/stdout_writer.hpp"

namespace towlctl {
namespace {

constexpr std::uint64_t kFollowLines = 10;  // As tail -f and journalctl -f.

class EntryListing {
 public:
  EntryListing(const PrintOptions& options, const Session& session, Selection selection)
      : options_(options),
        selection_(std::move(selection)),
        out_(session, !options.follow),
        printer_(output_options(options, session, out_.is_terminal())) {}

  int run(std::optional<std::uint64_t> lines) {
    out_.write(printer_.header());
    if (options_.reverse) {
      print_backwards(lines);
    } else if (lines) {
      print_last(*lines);
    } else {
      print_forwards(selection_.paths, selection_.scan_options());
    }
    return out_.flush() && !failed_ ? kDone : kFailure;
  }

 private:
  static OutputOptions output_options(const PrintOptions& options, const Session& session, bool terminal) {
    OutputOptions output = options.output;
    output.terminal = terminal;
    output.color = use_color(session);
    std::string_view rest = options.output_fields;
    while (!rest.empty()) {
      const auto comma = std::min(rest.find(','), rest.size());
      if (comma > 0) output.fields.emplace_back(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return output;
  }

  void print(const towl::ScanEntry& entry) {
    text_.clear();
    printer_.print(entry, text_);
    out_.write(text_);
  }

  void fail(const towl::Error& error) {
    out_.flush();
    complain(error.to_string());
    failed_ = true;
  }

  void print_forwards(const std::vector<std::filesystem::path>& paths, const towl::ScanOptions& scan) {
    EntryStream stream(selection_, paths, scan, options_.follow);
    for (;;) {
      const auto entry = stream.next([&] { out_.flush(); });
      if (!entry) {
        fail(entry.error());
      } else if (!*entry) {
        return;
      } else if (selection_.filter.matches((*entry)->entry)) {
        print(**entry);
      }
    }
  }

  /// Calls `take` with the entries that match, the last one first, until it returns false.
  template <class Take>
  void walk_backwards(Take take) {
    towl::ReverseScan scan(selection_.paths, selection_.scan_options());
    for (;;) {
      const auto entry = scan.previous();
      if (!entry) {
        fail(entry.error());
      } else if (!*entry || (selection_.filter.matches((*entry)->entry) && !take(**entry))) {
        return;
      }
    }
  }

  void print_backwards(std::optional<std::uint64_t> lines) {
    std::uint64_t left = lines.value_or(UINT64_MAX);
    if (left == 0) return;
    walk_backwards([&](const towl::ScanEntry& entry) {
      print(entry);
      return --left > 0;
    });
  }

  void print_last(std::uint64_t lines) {
    struct Kept {
      towl::ScanEntry place;
      towl::Entry entry;
    };
    std::vector<Kept> kept;
    if (lines > 0) {
      walk_backwards([&](const towl::ScanEntry& entry) {
        kept.push_back({entry, towl::Entry(entry.entry)});
        return kept.size() < lines;
      });
    }
    for (auto last = kept.rbegin(); last != kept.rend(); ++last) {
      last->place.entry = last->entry.view();
      print(last->place);
    }
    if (options_.follow) follow_behind(kept.empty() ? std::nullopt : std::optional(kept.front().place));
  }

  /// Goes on behind the last entry printed: what was stored meanwhile is not missed. Where none was, at the end.
  void follow_behind(const std::optional<towl::ScanEntry>& last) {
    towl::ScanOptions scan = selection_.scan_options();
    auto paths = selection_.paths;
    std::size_t file = paths.empty() ? 0 : paths.size() - 1;
    if (last) {
      file = last->file;
      scan.from = last->ordinal + 1;
    } else if (!paths.empty()) {
      scan.from = end_of(paths.back());
    }
    paths.erase(paths.begin(), paths.begin() + static_cast<std::ptrdiff_t>(file));
    print_forwards(paths, scan);
  }

  static towl::Ordinal end_of(const std::filesystem::path& path) {
    auto reader = towl::FileReader::open(path);
    const auto end = reader ? reader->skip_to_end() : tl::unexpected(reader.error());
    return end ? end->ordinal : 0;
  }

  const PrintOptions& options_;
  Selection selection_;
  StdoutWriter out_;
  EntryPrinter printer_;
  std::string text_;
  bool failed_ = false;
};

/// A number, or "all". False where it is neither.
bool read_lines(const PrintOptions& options, std::optional<std::uint64_t>& lines) {
  if (options.lines == "all") return true;
  if (options.lines.empty()) {
    if (options.follow) lines = kFollowLines;
    return true;
  }
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(options.lines.data(), options.lines.data() + options.lines.size(), number);
  if (error != std::errc() || end != options.lines.data() + options.lines.size()) return false;
  lines = number;
  return true;
}

constexpr const char* kFormats =
    "short, short-precise, short-iso, verbose, json, json-pretty, cat, raw, export, csv, logfmt";

}  // namespace

int print_entries(const PrintOptions& options, const Session& session) {
  std::optional<std::uint64_t> lines;
  if (!read_lines(options, lines)) {
    complain("--lines: \"" + options.lines + "\" is not a number or \"all\"");
    return kFailure;
  }
  auto selection = select(options.selection);
  if (!selection) {
    complain(selection.error().to_string());
    return kFailure;
  }
  PrintOptions wanted = options;
  if (session.json && wanted.output.format == OutputFormat::short_) wanted.output.format = OutputFormat::json;
  return EntryListing(wanted, session, std::move(*selection)).run(lines);
}

void declare_printing(CLI::App& command, PrintOptions& options) {
  declare_selection(command, options.selection);
  add_word(command, "-n,--lines", options.lines, "N", "Only the last N entries that match; \"all\"");
  add_choice(command, "-o,--output", options.output.format, output_formats(), "FORMAT", kFormats);
  command.add_flag("--utc", options.output.utc, "Times in UTC, not local");
  command.add_flag("-a,--all", options.output.all, "Print messages in full, also what is not printable");
  add_text(command, "--output-fields", options.output_fields, "FIELD,...",
           "Only these fields, with verbose, json and export");
  add_texts(command, "FILE", options.selection.names, "...",
            "File IDs, paths, and FIELD=VALUE matches (default: all files of the store)");
  command.footer(R"(Examples:
  towlctl cat -S -1h                         the entries of the last hour
  towlctl cat -n 20 -p err                   the last 20 errors
  towlctl cat 3 -o json                      the file 3, an object a line

The format short prints a text entry as it was logged: cat of all files gives back what went in.
Entries come in the order of files and ordinals, which is the order of their arrival.)");
}

}  // namespace towlctl
