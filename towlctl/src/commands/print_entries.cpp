#include "commands/print_entries.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arguments/options.hpp"
#include "commands/entry_source.hpp"
#include "files/file_layers.hpp"
#include "output/stdout_writer.hpp"

namespace towlctl {
namespace {

constexpr std::uint64_t kFollowLines = 10;  // As tail -f and journalctl -f.
constexpr std::uint64_t kFewLines = 1000;

class EntryListing {
 public:
  EntryListing(const PrintOptions& options, const Session& session, const Selection& selection, EntrySource& source)
      : options_(options),
        selection_(selection),
        source_(source),
        out_(session, !options.follow),
        printer_(output_options(options, session, out_.is_terminal())) {}

  int run(std::optional<std::uint64_t> lines) {
    out_.write(printer_.header());
    if (options_.reverse) {
      print_backwards(lines);
    } else if (lines) {
      print_last(*lines);
    } else {
      print_forwards(source_.open(forwards()));
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

  void print(const towl::FoundEntry& entry) {
    text_.clear();
    printer_.print(entry, text_);
    out_.write(text_);
  }

  void fail(const towl::Error& error) {
    out_.flush();
    complain(error.to_string());
    failed_ = true;
  }

  EntryQuestion forwards() const {
    return {.threads = options_.follow ? 1 : selection_.threads, .follow = options_.follow};
  }

  void print_forwards(towl::Result<std::unique_ptr<Entries>> entries) {
    if (!entries) return fail(entries.error());
    for (;;) {
      bool is_match = true;
      const towl::Outcome outcome = (*entries)->next(is_match);
      if (const auto* found = std::get_if<towl::FoundEntry>(&outcome)) {
        print(*found);
      } else if (const auto* unread = std::get_if<towl::Unread>(&outcome)) {
        fail(unread->error);
      } else if (!options_.follow || std::get<towl::SearchEnd>(outcome).reason != towl::SearchEnd::Reason::done) {
        return;
      } else {
        out_.flush();
        (*entries)->wait_for_more();
      }
    }
  }

  /// Calls `take` with the last entries that match, the very last first.
  template <class Take>
  void walk_backwards(std::uint64_t lines, Take take) {
    // A few lines are found sooner than threads are started.
    const bool few = lines <= kFewLines;
    auto entries =
        source_.open({.order = towl::Order::backwards, .limit = lines, .threads = few ? 1 : selection_.threads});
    if (!entries) return fail(entries.error());
    for (;;) {
      bool is_match = true;
      const towl::Outcome outcome = (*entries)->next(is_match);
      if (const auto* found = std::get_if<towl::FoundEntry>(&outcome)) {
        take(*found);
      } else if (const auto* unread = std::get_if<towl::Unread>(&outcome)) {
        fail(unread->error);
      } else {
        return;
      }
    }
  }

  void print_backwards(std::optional<std::uint64_t> lines) {
    walk_backwards(lines.value_or(UINT64_MAX), [&](const towl::FoundEntry& entry) { print(entry); });
  }

  void print_last(std::uint64_t lines) {
    struct Kept {
      towl::FoundEntry place;
      towl::Entry entry;
      std::shared_ptr<const towl::Header> header;
    };
    std::vector<Kept> kept;
    std::shared_ptr<const towl::Header> header;
    walk_backwards(lines, [&](const towl::FoundEntry& entry) {
      // The search forgets a file's header when it leaves the file.
      if (!header || *header != *entry.header) header = std::make_shared<const towl::Header>(*entry.header);
      kept.push_back({entry, towl::Entry(entry.entry), header});
    });
    for (auto last = kept.rbegin(); last != kept.rend(); ++last) {
      last->place.entry = last->entry.view();
      last->place.header = last->header.get();
      print(last->place);
    }
    // Goes on after the last entry printed: what was stored since then is not missed. If none was printed, at the end.
    if (options_.follow && !(failed_ && selection_.server)) {
      print_forwards(source_.open_behind(kept.empty() ? std::nullopt : std::optional(kept.front().place), forwards()));
    }
  }

  const PrintOptions& options_;
  const Selection& selection_;
  EntrySource& source_;
  StdoutWriter out_;
  EntryPrinter printer_;
  std::string text_;
  bool failed_ = false;
};

/// A number, or "all". False if it is neither.
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
  const auto& paths = selection->paths;
  if (wanted.follow && !paths.empty() && std::all_of(paths.begin(), paths.end(), is_archive)) {
    complain("an archive takes no entries that could be followed: these are its last ones");
    wanted.follow = false;
  }
  const auto source = open_source(*selection, wanted.follow);
  if (!source) {
    complain(source.error().to_string());
    return kFailure;
  }
  return EntryListing(wanted, session, *selection, **source).run(lines);
}

void declare_printing(CLI::App& command, PrintOptions& options, OpenCollector open_collector) {
  declare_selection(command, options.selection, std::move(open_collector));
  add_word(command, "-n,--lines", options.lines, "N", "Only the last N entries that match; \"all\"");
  add_choice(command, "-o,--output", options.output.format, output_formats(), "FORMAT", kFormats);
  command.add_flag("--utc", options.output.utc, "Times in UTC, not local");
  command.add_flag("-a,--all", options.output.all, "Print messages in full, also what is not printable");
  add_text(command, "--output-fields", options.output_fields, "FIELD,...",
           "Only these fields, with verbose, json and export");
  add_texts(command, "FILE", options.selection.names, "...",
            "File IDs, parts of files (3:47000-), paths, and FIELD=VALUE matches (default: all files)");
  command.footer(R"(Examples:
  towlctl cat -S -1h                         the entries of the last hour
  towlctl cat -n 20 -p err                   the last 20 errors
  towlctl cat 3 -o json                      the file 3, an object a line
  towlctl cat --server logs 3:47000-         the collector's file 3, from entry 47,000 on

The format short prints a text entry as it was logged: cat of all files gives back what went in.
Entries come in the order of files and ordinals, which is the order of their arrival.)");
}

}  // namespace towlctl
