// towlctl patterns: what kinds of entries there are, and what is new among them.
#include "towl/query/patterns.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "commands/selection.hpp"
#include "output/entry_printer.hpp"
#include "output/stdout_writer.hpp"
#include "output/table_printer.hpp"
#include "output/text.hpp"
#include "output/units.hpp"
#include "towl/record/time_expression.hpp"

namespace towlctl {
namespace {

struct PatternsOptions {
  SelectionOptions selection;
  OutputOptions output;
  std::optional<std::string> new_since;
  std::optional<std::uint64_t> most;
};

towl::Table table_of(const std::vector<towl::EntryPattern>& patterns) {
  towl::Table table{.columns = {"count", "example", "pattern"}, .rows = {}};
  for (const towl::EntryPattern& pattern : patterns) {
    table.rows.push_back(
        {{"count", std::to_string(pattern.count), true}, {"example", pattern.address}, {"pattern", pattern.text}});
  }
  return table;
}

int patterns_command(const PatternsOptions& options, const Session& session) {
  const auto selection = select(options.selection);
  if (!selection) {
    complain(selection.error().to_string());
    return kFailure;
  }
  towl::PatternOptions wanted{.threads = selection->threads};
  wanted.since = selection->since.value_or(wanted.since);
  wanted.until = selection->until.value_or(wanted.until);
  if (options.new_since) {
    const auto time = towl::parse_time_bound(*options.new_since, towl::TimeBound::since, towl::now());
    if (!time) {
      complain("--new-since: " + time.error().message);
      return kFailure;
    }
    wanted.new_since = *time;
  }
  towl::Patterns found = towl::find_patterns(selection->files(), wanted);
  const std::size_t most = options.most ? static_cast<std::size_t>(*options.most) : found.patterns.size();
  if (found.patterns.size() > most) found.patterns.resize(most);
  OutputFormat format = options.output.format;
  if (session.json && format == OutputFormat::short_) format = OutputFormat::json;
  StdoutWriter out(session, !session.json);
  out.write(print_table(table_of(found.patterns), format, out.is_terminal()));
  const bool flushed = out.flush();
  for (const towl::Unread& unread : found.unread) complain(unread.error.to_string());
  if (found.others > 0) {
    complain(format_count(found.others) +
             " entries have patterns that are not shown: there are too many; give fewer files or " + "a shorter time");
  }
  return flushed && found.unread.empty() ? kDone : kFailure;
}

constexpr const char* kFooter =
    R"(A pattern is what entries of one kind have in common, with <*> for what varies; the example is the first of them, which
towlctl show prints. Entries with fields count by their message.

Examples:
  towlctl patterns -n 20 -S today            what there is most of
  towlctl patterns --new-since -1h           what came in the last hour and never before
  towlctl patterns --new-since '2026-01-17 14:30' -o json 3 4)";

}  // namespace

void add_patterns(CLI::App& app, Session& session) {
  auto options = std::make_shared<PatternsOptions>();
  CLI::App* command = app.add_subcommand("patterns", "What kinds of entries there are, and how many of each");
  SelectionOptions& selection = options->selection;
  add_word(*command, "--store", selection.store, "DIR",
           "Folder of the store or mirror (default: $TOWL_STORE, the mirror)");
  add_word(*command, "-S,--since", selection.since, "TIME",
           "Happened at or after: today, -1h, 2 hours ago, 2026-01-17 14:30, @1768660200 …");
  add_word(*command, "-U,--until", selection.until, "TIME", "Happened before");
  add_word(*command, "--new-since", options->new_since, "TIME", "Only patterns that did not come before");
  add_number(*command, "-n,--lines", options->most, "N", "Only the N most frequent");
  add_number(*command, "-j,--threads", selection.threads, "N",
             "Read with N threads (default: as many as there are cores)", {.least = 1, .most = 256});
  add_choice(*command, "-o,--output", options->output.format, output_formats(), "FORMAT", "short, json, csv");
  add_texts(*command, "FILE", selection.names, "...", "File IDs and paths (default: all files of the store)");
  command->footer(kFooter);
  command->callback([options, &session] { session.exit_code = patterns_command(*options, session); });
}

}  // namespace towlctl
