// towlctl grep: finds entries by their text.
#include <algorithm>
#include <cstdint>
#include <deque>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "commands/grep_output.hpp"
#include "commands/selection.hpp"
#include "output/entry_printer.hpp"
#include "output/stdout_writer.hpp"
#include "towl/matcher.hpp"
#include "towl/required_words.hpp"

namespace towlctl {
namespace {

constexpr int kNoMatch = 1;

struct GrepOptions {
  SelectionOptions selection;
  OutputOptions output;
  GrepStyle style;
  towl::MatchOptions match;
  std::vector<std::string> patterns;
  std::vector<std::string> pattern_files;
  std::uint64_t after = 0;
  std::uint64_t before = 0;
  std::uint64_t context = 0;
  std::optional<std::uint64_t> max_count;
  bool invert = false;
  bool follow = false;
  bool reverse = false;
};

class Grep {
 public:
  Grep(const GrepOptions& options, const Session& session, Selection selection, towl::Matcher matcher,
       StdoutWriter& out)
      : options_(options),
        quiet_(session.quiet),
        selection_(std::move(selection)),
        matcher_(std::move(matcher)),
        out_(out),
        output_(options.style, options.output, selection_.paths, matcher_, out) {}

  int run() {
    if (options_.reverse) {
      towl::ReverseScan scan(selection_.paths, selection_.scan_options());
      walk([&] { return scan.previous(); });
    } else {
      // Neighbours may be outside the time range: the range is then looked at here.
      const bool neighbours = options_.before + options_.after > 0;
      towl::ScanOptions scan = neighbours ? towl::ScanOptions{} : selection_.scan_options();
      if (!neighbours && !options_.invert) scan.words = towl::required_words(options_.patterns, options_.match);
      EntryStream stream(selection_, selection_.paths, scan, options_.follow);
      walk([&] { return stream.next([&] { out_.flush(); }); });
    }
    if (!quiet_) output_.finish();
    if (!out_.flush()) return kFailure;
    if (failed_ && !(quiet_ && matches_ > 0)) return kFailure;
    return matches_ > 0 ? kDone : kNoMatch;
  }

 private:
  template <class Next>
  void walk(Next next) {
    if (options_.max_count == std::uint64_t{0}) return;
    while (!done_) {
      const auto entry = next();
      if (!entry) {
        out_.flush();
        complain(entry.error().to_string());
        failed_ = true;
      } else if (!*entry) {
        return;
      } else {
        take(**entry);
      }
    }
  }

  bool is_match(const towl::EntryView& entry) {
    if (selection_.since && entry.time() < *selection_.since) return false;
    if (selection_.until && entry.time() >= *selection_.until) return false;
    if (!selection_.filter.matches(entry)) return false;
    const towl::RecordView* journal = as_journal(entry, record_);
    return matcher_.matches(journal != nullptr ? journal->message() : entry.log_entry) != options_.invert;
  }

  void take(const towl::ScanEntry& entry) {
    if (entry.file != file_) {
      file_ = entry.file;
      before_.clear();
      after_left_ = 0;
    }
    const bool enough = options_.max_count && matches_ >= *options_.max_count;
    if (!enough && is_match(entry.entry)) {
      take_match(entry);
    } else if (after_left_ > 0) {
      --after_left_;
      output_.context(entry);
    } else if (enough) {
      done_ = true;
    } else if (options_.before > 0) {
      before_.push_back({entry, towl::Entry(entry.entry)});
      if (before_.size() > options_.before) before_.pop_front();
    }
    if (enough && after_left_ == 0) done_ = true;
  }

  void take_match(const towl::ScanEntry& entry) {
    ++matches_;
    after_left_ = options_.after;
    if (options_.max_count && matches_ >= *options_.max_count && after_left_ == 0) done_ = true;
    if (quiet_) {
      done_ = true;
      return;
    }
    for (Kept& kept : before_) {
      kept.place.entry = kept.entry.view();
      output_.context(kept.place);
    }
    before_.clear();
    output_.match(entry);
  }

  struct Kept {
    towl::ScanEntry place;
    towl::Entry entry;
  };

  const GrepOptions& options_;
  const bool quiet_;
  Selection selection_;
  towl::Matcher matcher_;
  towl::RecordView record_;
  StdoutWriter& out_;
  GrepOutput output_;
  std::optional<std::size_t> file_;
  std::deque<Kept> before_;
  std::uint64_t after_left_ = 0;
  std::uint64_t matches_ = 0;
  bool done_ = false;
  bool failed_ = false;
};

/// As grep -f: one pattern a line; "-" is standard input.
towl::Result<void> read_patterns(const std::string& file, std::vector<std::string>& patterns) {
  std::ifstream stream;
  if (file != "-") {
    stream.open(file, std::ios::binary);
    if (!stream) return towl::fail(towl::error_from_errno(errno, "cannot read the patterns", file));
  }
  std::istream& input = file == "-" ? std::cin : stream;
  for (std::string line; std::getline(input, line);) patterns.push_back(line);
  if (input.bad()) return towl::fail(towl::ErrorCode::io, "cannot read the patterns", file);
  return {};
}

int grep_command(GrepOptions options, const Session& session) {
  const bool has_patterns = !options.patterns.empty() || !options.pattern_files.empty();
  if (!has_patterns) {
    if (options.selection.names.empty()) {
      complain("a pattern is missing; see towlctl grep --help");
      return kFailure;
    }
    options.patterns.push_back(options.selection.names.front());
    options.selection.names.erase(options.selection.names.begin());
  }
  for (const std::string& file : options.pattern_files) {
    if (auto done = read_patterns(file, options.patterns); !done) {
      complain(done.error().to_string());
      return kFailure;
    }
  }
  options.after = std::max(options.after, options.context);
  options.before = std::max(options.before, options.context);
  if (options.reverse && options.after + options.before > 0) {
    complain("--reverse has no context: leave out -A, -B and -C");
    return kFailure;
  }
  auto matcher = towl::Matcher::create(options.patterns, options.match);
  if (!matcher) {
    complain(matcher.error().message);
    return kFailure;
  }
  auto selection = select(options.selection);
  if (!selection) {
    if (!has_patterns && selection.error().code == towl::ErrorCode::not_found && !options.selection.names.empty()) {
      selection.error().message += "; the pattern was \"" + options.patterns.front() + "\": quote one that has blanks";
    }
    complain(selection.error().to_string());
    return kFailure;
  }
  options.style.json = session.json;
  options.style.has_context = options.after + options.before > 0;
  const bool results_only = options.style.count || options.style.list || session.json;
  StdoutWriter out(session, !options.follow && !results_only && !session.quiet);
  options.output.terminal = out.is_terminal();
  options.style.color = use_color(session);
  return Grep(options, session, std::move(*selection), std::move(*matcher), out).run();
}

constexpr const char* kFooter =
    R"(Matched is the text of an entry; of a journal entry its MESSAGE. Expressions are RE2's
(https://github.com/google/re2/wiki/Syntax), searched in linear time.
Counts and -m are over all files together; -A, -B and -C show neighbours in the same file.

Examples:
  towlctl grep 'connection refused'          in all files of the store
  towlctl grep -i error -S -1h               of the last hour
  towlctl grep -F '[error]' 3 4              as plain text, in the files 3 and 4
  towlctl grep timeout _SYSTEMD_UNIT=ssh.service

Exit codes: 0 something matched, 1 nothing did, 2 an error.)";

void declare_matching(CLI::App& command, GrepOptions& options) {
  add_texts(command, "-e,--regexp", options.patterns, "PATTERN", "A pattern; may be given several times");
  add_texts(command, "-f,--file", options.pattern_files, "FILE", "Patterns from a file, one a line");
  command.add_flag("-F,--fixed-strings", options.match.fixed, "Patterns are plain text");
  command.add_flag("-i,--ignore-case", options.match.ignore_case, "Upper and lower case are the same");
  command.add_flag("-w,--word-regexp", options.match.word, "Whole words only");
  command.add_flag("-x,--line-regexp", options.match.whole, "The pattern must match the whole text");
  command.add_flag("-v,--invert-match", options.invert, "Entries that do not match");
  // What grep's users type from habit, and what is so anyway.
  command.set_help_flag("--help", "Print this help message and exit");
  add_habit(command, "-h,--no-filename", "No paths in front of entries: there are none");
  add_habit(command, "-E,--extended-regexp", "Expressions are RE2's, which include these");
  add_habit(command, "-r,-R,--recursive", "A folder always means its files");
  add_habit(command, "-a,--text", "Every entry is text");
}

void declare_output(CLI::App& command, GrepOptions& options) {
  add_number(command, "-A,--after-context", options.after, "N", "Also print N entries after each match");
  add_number(command, "-B,--before-context", options.before, "N", "Also print N entries before each match");
  add_number(command, "-C,--context", options.context, "N", "Both");
  command.add_flag("-c,--count", options.style.count, "Only how many entries match");
  command.add_flag("-l,--files-with-matches", options.style.list, "Only the paths of files with matches");
  add_number(command, "-m,--max-count", options.max_count, "N", "Stop after N matching entries");
  command.add_flag("-n,--line-number", options.style.ordinals, "Print file ID and ordinal in front");
  command.add_flag("-o,--only-matching", options.style.only_matching, "Only the parts that match, one a line");
  add_choice(command, "--output", options.output.format, output_formats(), "FORMAT", "Format of entries, as cat -o");
  command.add_flag("--utc", options.output.utc, "Times in UTC, not local");
}

}  // namespace

void add_grep(CLI::App& app, Session& session) {
  auto options = std::make_shared<GrepOptions>();
  CLI::App* command = app.add_subcommand("grep", "Find entries by their text");
  declare_matching(*command, *options);
  declare_output(*command, *options);
  declare_selection(*command, options->selection);
  auto* reverse = command->add_flag("--reverse", options->reverse, "The newest first");
  command->add_flag("--follow", options->follow, "Go on with entries as they are stored")->excludes(reverse);
  add_texts(*command, "PATTERN", options->selection.names, "[FILE ...]",
            "The pattern (without -e and -f), then file IDs, paths and FIELD=VALUE matches");
  command->footer(kFooter);
  command->callback([options, &session] { session.exit_code = grep_command(*options, session); });
}

}  // namespace towlctl
