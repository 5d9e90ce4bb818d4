// towlctl patterns: the kinds of entries, and which of them are new.
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
#include "files/file_layers.hpp"
#include "output/entry_printer.hpp"
#include "output/stdout_writer.hpp"
#include "output/table_printer.hpp"
#include "output/text.hpp"
#include "output/units.hpp"
#include "towl/query/language.hpp"
#include "towl/record/time_expression.hpp"

namespace towlctl {
namespace {

struct PatternsOptions {
  SelectionOptions selection;
  OutputOptions output;
  std::optional<std::string> new_since;
  std::optional<std::string> where;
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
  std::vector<towl::Expression> parts;
  if (selection->filter.kind != towl::Expression::Kind::everything) parts.push_back(selection->filter);
  if (options.where) {
    auto where = towl::parse_expression(*options.where, towl::now());
    if (!where) {
      complain("--where: " + where.error().message);
      return kFailure;
    }
    parts.push_back(std::move(*where));
  }
  towl::PatternOptions wanted{
      .expression = towl::all_of(std::move(parts)), .threads = selection->threads, .layer = &file_layer()};
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
  if (options.most) wanted.limit = static_cast<std::size_t>(*options.most);
  const auto found = towl::find_patterns(selection->files(), wanted);
  if (!found) {
    complain(found.error().to_string());
    return kFailure;
  }
  OutputFormat format = options.output.format;
  if (session.json && format == OutputFormat::short_) format = OutputFormat::json;
  StdoutWriter out(session, !session.json);
  out.write(print_table(table_of(found->patterns), format, out.is_terminal()));
  const bool flushed = out.flush();
  for (const towl::Unread& unread : found->unread) complain(unread.error.to_string());
  if (found->others > 0) {
    complain(format_count(found->others) +
             " entries have patterns that are not shown: there are too many; give fewer files or " + "a shorter time");
  }
  return flushed && found->unread.empty() ? kDone : kFailure;
}

constexpr const char* kPatternsFooter =
    R"(A pattern is what entries of one kind have in common, with <*> for what varies; the example is the first of them, which
towlctl show prints. Entries with fields count by their message.

Examples:
  towlctl patterns -n 20 -S today            what there is most of
  towlctl patterns --new-since -1h           what came in the last hour and never before
  towlctl patterns -p err --where 'sender:web-1'
  towlctl patterns --new-since '2026-01-17 14:30' -o json 3 4)";

}  // namespace

void add_patterns(CLI::App& app, Session& session) {
  auto options = std::make_shared<PatternsOptions>();
  CLI::App* command = app.add_subcommand("patterns", "What kinds of entries there are, and how many of each");
  declare_selection(*command, options->selection);
  add_word(*command, "--new-since", options->new_since, "TIME", "Only patterns that did not come before");
  add_word(*command, "--where", options->where, "EXPR", "Only entries that this expression of `towlctl query` selects");
  add_number(*command, "-n,--lines", options->most, "N", "Only the N most frequent");
  add_choice(*command, "-o,--output", options->output.format, output_formats(), "FORMAT", "short, json, csv");
  add_texts(*command, "FILE", options->selection.names, "...",
            "File IDs, paths and FIELD=VALUE matches (default: all files of the store)");
  command->footer(kPatternsFooter);
  command->callback([options, &session] { session.exit_code = patterns_command(*options, session); });
}

}  // namespace towlctl
