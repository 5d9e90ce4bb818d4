// towlctl grep: finds entries by their text.
#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "commands/entry_source.hpp"
#include "commands/grep_output.hpp"
#include "commands/selection.hpp"
#include "output/entry_printer.hpp"
#include "output/stdout_writer.hpp"
#include "towl/query/matcher.hpp"
#include "towl/query/search.hpp"

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
  bool raw = false;
  bool basic = false;
  bool no_messages = false;
  bool follow = false;
  bool reverse = false;
};

class Grep {
 public:
  Grep(const GrepOptions& options, const Session& session, const Selection& selection, EntrySource& source,
       towl::Matcher matcher, StdoutWriter& out)
      : options_(options),
        quiet_(session.quiet),
        selection_(selection),
        source_(source),
        matcher_(std::move(matcher)),
        out_(out),
        output_(options.style, options.output, source.names(), matcher_, out) {}

  int run() {
    if (const auto asked = only_counts() ? count() : walk(); !asked) {
      complain(asked.error().to_string());
      return kFailure;
    }
    if (!quiet_) output_.finish();
    if (!out_.flush()) return kFailure;
    if (failed_ && !(quiet_ && matches_ > 0)) return kFailure;
    return matches_ > 0 ? kDone : kNoMatch;
  }

 private:
  towl::Expression expression() const {
    towl::Expression pattern = towl::test_of({.kind = options_.raw ? towl::FieldKind::raw : towl::FieldKind::message},
                                             towl::PatternTest{options_.patterns, options_.match});
    if (options_.invert) pattern = towl::none_of(std::move(pattern));
    return pattern;
  }

  /// The count is known without looking at each entry.
  bool only_counts() const {
    const GrepStyle& style = options_.style;
    return style.count && !style.list && !style.list_without && !style.json && !quiet_ && !options_.follow &&
           !options_.max_count;
  }

  EntryQuestion question() const {
    const bool shown = !quiet_ && ((!options_.style.count && !options_.style.list && !options_.style.list_without) ||
                                   options_.style.json);
    return {.expression = expression(),
            .order = options_.reverse ? towl::Order::backwards : towl::Order::forwards,
            .limit = quiet_ ? 1 : options_.max_count.value_or(UINT64_MAX),
            .context = {options_.before, options_.after},
            .threads = options_.follow ? 1 : selection_.threads,
            .follow = options_.follow,
            .with_text = shown};
  }

  void unread(const towl::Error& error) {
    failed_ = true;
    if (options_.no_messages) return;
    out_.flush();
    complain(error.to_string());
  }

  towl::Result<void> count() {
    const auto counted = source_.count(question(), [this](const towl::Error& error) { unread(error); });
    if (!counted) return tl::unexpected(counted.error());
    if (!*counted) return walk();
    matches_ = **counted;
    output_.count(matches_);
    return {};
  }

  towl::Result<void> walk() {
    const auto opened = source_.open(question());
    if (!opened) return tl::unexpected(opened.error());
    Entries& entries = **opened;
    for (;;) {
      bool is_match = false;
      const towl::Outcome outcome = entries.next(is_match);
      if (const auto* found = std::get_if<towl::FoundEntry>(&outcome)) {
        if (!is_match) {
          output_.context(*found);
          continue;
        }
        ++matches_;
        if (!quiet_) output_.match(*found);
      } else if (const auto* part = std::get_if<towl::Unread>(&outcome)) {
        unread(part->error);
      } else if (!options_.follow || std::get<towl::SearchEnd>(outcome).reason != towl::SearchEnd::Reason::done) {
        return {};
      } else {
        out_.flush();
        entries.wait_for_more();
      }
    }
  }

  const GrepOptions& options_;
  const bool quiet_;
  const Selection& selection_;
  EntrySource& source_;
  towl::Matcher matcher_;
  StdoutWriter& out_;
  GrepOutput output_;
  std::uint64_t matches_ = 0;
  bool failed_ = false;
};

/// As in grep: a pattern of several lines is several patterns.
void split_lines(std::vector<std::string>& patterns) {
  std::vector<std::string> lines;
  for (const std::string& pattern : patterns) {
    std::size_t begin = 0;
    for (auto end = pattern.find('\n'); end != std::string::npos; end = pattern.find('\n', begin)) {
      lines.push_back(pattern.substr(begin, end - begin));
      begin = end + 1;
    }
    lines.push_back(pattern.substr(begin));
  }
  patterns = std::move(lines);
}

/// What grep -G reads differently than -E: characters that stand for themselves there, and escapes that do not.
bool is_same_as_basic(const std::string& pattern) { return pattern.find_first_of("+?|(){}") == std::string::npos; }

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
  split_lines(options.patterns);
  if (options.basic && !options.match.fixed &&
      !std::all_of(options.patterns.begin(), options.patterns.end(), is_same_as_basic)) {
    complain("-G: patterns are extended ones (grep -E): write a|b, a+, (a) without backslashes, and \\+ for a plus");
    return kFailure;
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
  options.style.raw = options.raw;
  options.style.has_context = options.after + options.before > 0;
  const bool results_only = options.style.count || options.style.list || options.style.list_without || session.json;
  StdoutWriter out(session, !options.follow && !results_only && !session.quiet);
  options.output.terminal = out.is_terminal();
  options.style.color = use_color(session);
  const auto source = open_source(*selection, options.follow);
  if (!source) {
    complain(source.error().to_string());
    return kFailure;
  }
  return Grep(options, session, *selection, **source, std::move(*matcher), out).run();
}

constexpr const char* kGrepFooter =
    R"(Matched is the text of an entry; of a journal entry its MESSAGE; with --raw the text as it is stored.
Expressions are those of grep -E and most of grep -P (https://github.com/google/re2/wiki/Syntax), and \< and \>;
they are searched in linear time.
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
  command.add_flag("--raw", options.raw, "Search the text as it is stored, of journal entries too");
  command.add_flag("-s,--no-messages", options.no_messages, "Say nothing of files that cannot be read");
  // What grep's users type from habit, and what happens anyway.
  command.set_help_flag("--help", "Print this help message and exit");
  add_habit(command, "-h,--no-filename", "No paths in front of entries: there are none");
  add_habit(command, "-E,--extended-regexp", "Expressions are RE2's, which include these");
  add_habit(command, "-P,--perl-regexp", "Expressions are RE2's, which include most of these");
  command.add_flag("-G,--basic-regexp", options.basic)->group("");
  command
      .add_flag_callback("-z,--null-data",
                         [] {
                           throw CLI::ValidationError(
                               "--null-data", "entries are matched one by one already, their lines too: leave it out");
                         })
      ->group("");
  add_habit(command, "-I,--binary", "Every entry is text");
  add_habit(command, "--line-buffered", "Output goes out as it comes with --follow");
  add_habit(command, "-r,-R,--recursive", "A folder always means its files");
  add_habit(command, "-a,--text", "Every entry is text");
}

void declare_output(CLI::App& command, GrepOptions& options) {
  add_number(command, "-A,--after-context", options.after, "N", "Also print N entries after each match");
  add_number(command, "-B,--before-context", options.before, "N", "Also print N entries before each match");
  add_number(command, "-C,--context", options.context, "N", "Both; also -N");
  command.add_flag("-c,--count", options.style.count, "Only how many entries match");
  command.add_flag("-l,--files-with-matches", options.style.list, "Only the paths of files with matches");
  command.add_flag("-L,--files-without-match", options.style.list_without, "Only the paths of files without any");
  add_number(command, "-m,--max-count", options.max_count, "N", "Stop after N matching entries");
  command.add_flag("-n,--line-number", options.style.ordinals, "Print file ID and ordinal in front");
  command.add_flag("-H,--with-filename", options.style.paths, "Print the file's path in front");
  command.add_flag("-o,--only-matching", options.style.only_matching, "Only the parts that match, one a line");
  add_choice(command, "--output", options.output.format, output_formats(), "FORMAT", "Format of entries, as cat -o");
  command.add_flag("--utc", options.output.utc, "Times in UTC, not local");
}

}  // namespace

void add_grep(CLI::App& app, Session& session, const OpenCollector& open_collector) {
  auto options = std::make_shared<GrepOptions>();
  CLI::App* command = app.add_subcommand("grep", "Find entries by their text");
  declare_matching(*command, *options);
  declare_output(*command, *options);
  declare_selection(*command, options->selection, open_collector);
  auto* reverse = command->add_flag("--reverse", options->reverse, "The newest first");
  command->add_flag("--follow", options->follow, "Go on with entries as they are stored")->excludes(reverse);
  add_texts(*command, "PATTERN", options->selection.names, "[FILE ...]",
            "The pattern (without -e and -f), then file IDs, paths and FIELD=VALUE matches");
  command->footer(kGrepFooter);
  command->callback([options, &session] { session.exit_code = grep_command(*options, session); });
}

}  // namespace towlctl
