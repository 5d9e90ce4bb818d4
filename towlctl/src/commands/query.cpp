// towlctl query: asks in the query language. towlctl stats: counts without a query to write.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "commands/entry_source.hpp"
#include "commands/selection.hpp"
#include "output/entry_printer.hpp"
#include "output/stdout_writer.hpp"
#include "output/table_printer.hpp"
#include "towl/quantity.hpp"
#include "towl/query/pipeline.hpp"

namespace towlctl {
namespace {

struct QueryOptions {
  SelectionOptions selection;
  OutputOptions output;
  std::optional<std::string> memory;
  // Of stats:
  std::string by;
  std::string every;
};

/// Runs a query over a selection and prints what comes out.
class QueryRun {
 public:
  QueryRun(const QueryOptions& options, const Session& session, const Selection& selection, EntrySource& source)
      : output_(options.output), selection_(selection), source_(source), out_(session, !session.json) {
    output_.terminal = out_.is_terminal();
    output_.color = use_color(session);
    if (session.json && output_.format == OutputFormat::short_) output_.format = OutputFormat::json;
  }

  int run(towl::Query query, const towl::PipelineOptions& limits) {
    const bool ok = makes_table(query) ? print_rows(query, limits) : print_entries(std::move(query));
    return out_.flush() && ok && !failed_ ? kDone : kFailure;
  }

 private:
  /// Entries stay entries if the pipes only limit how many.
  static bool makes_table(const towl::Query& query) {
    for (const towl::Pipe& pipe : query.pipes) {
      if (!std::holds_alternative<towl::LimitPipe>(pipe)) return true;
    }
    return false;
  }

  bool complain_of(const towl::Error& error) {
    complain(error.to_string());
    failed_ = true;
    return false;
  }

  bool print_entries(towl::Query query) {
    EntryPrinter printer(output_);
    out_.write(printer.header());
    std::uint64_t skip = 0;
    std::uint64_t limit = UINT64_MAX;
    for (const towl::Pipe& pipe : query.pipes) {
      const auto& bounds = std::get<towl::LimitPipe>(pipe);
      skip += bounds.offset;
      limit = std::min(limit == UINT64_MAX ? limit : limit - std::min(limit, bounds.offset), bounds.limit);
    }
    auto entries = source_.open({.expression = std::move(query.expression),
                                 .limit = limit < UINT64_MAX - skip ? skip + limit : UINT64_MAX,
                                 .threads = selection_.threads});
    if (!entries) return complain_of(entries.error());
    std::string text;
    for (;;) {
      bool is_match = true;
      const towl::Outcome outcome = (*entries)->next(is_match);
      if (const auto* found = std::get_if<towl::FoundEntry>(&outcome)) {
        if (skip > 0) {
          --skip;
          continue;
        }
        text.clear();
        printer.print(*found, text);
        out_.write(text);
      } else if (const auto* unread = std::get_if<towl::Unread>(&outcome)) {
        out_.flush();
        complain_of(unread->error);
      } else {
        return true;
      }
    }
  }

  bool print_rows(const towl::Query& query, const towl::PipelineOptions& limits) {
    const auto table = source_.table(query, limits, [&](const towl::Error& error) {
      out_.flush();
      complain_of(error);
    });
    if (!table) return complain_of(table.error());
    out_.write(print_table(*table, output_.format, output_.terminal));
    return true;
  }

  OutputOptions output_;
  const Selection& selection_;
  EntrySource& source_;
  StdoutWriter out_;
  bool failed_ = false;
};

int run_query(const QueryOptions& options, const Session& session, const std::string& text) {
  auto query = towl::parse_query(text, towl::now());
  if (!query) {
    complain(query.error().message);
    return kFailure;
  }
  towl::PipelineOptions limits;
  if (options.memory && options.selection.server) {
    complain("--max-memory: with --server it is query.max_memory in the collector's configuration");
    return kFailure;
  }
  if (options.memory) {
    const auto bytes = towl::parse_bytes(*options.memory);
    if (!bytes) {
      complain("--max-memory: " + bytes.error().message);
      return kFailure;
    }
    limits.max_bytes = static_cast<std::size_t>(*bytes);
  }
  const auto selection = select(options.selection);
  if (!selection) {
    complain(selection.error().to_string());
    return kFailure;
  }
  const auto source = open_source(*selection, false);
  if (!source) {
    complain(source.error().to_string());
    return kFailure;
  }
  return QueryRun(options, session, *selection, **source).run(std::move(*query), limits);
}

int query_command(QueryOptions options, const Session& session) {
  if (options.selection.names.empty()) {
    complain("a query is missing; see towlctl query --help");
    return kFailure;
  }
  const std::string text = options.selection.names.front();
  options.selection.names.erase(options.selection.names.begin());
  return run_query(options, session, text);
}

int stats_command(const QueryOptions& options, const Session& session) {
  std::string by = options.by;
  if (!options.every.empty()) by = "_time:" + options.every + (by.empty() ? "" : ", " + by);
  return run_query(options, session, "* | stats by (" + by + ") count() as count");
}

constexpr const char* kQueryFooter =
    R"(The language is a subset of LogsQL (spec/query.md). A word or phrase is searched in messages; FIELD:… in a field, *:… in
all of them. Pipes: fields, limit, sort, uniq, top, stats.

Examples:
  towlctl query 'error -timeout'                       messages with the word error, and without timeout
  towlctl query 'level:>=warning sender:web-1' -S -1h
  towlctl query 'status:>=500 | top 10 by (path)'
  towlctl query '* | stats by (_time:5m, level) count() as n' -o json
  towlctl query '_time:1h "connection refused" | fields _time, sender, _msg' 3 4)";

void declare(CLI::App& command, QueryOptions& options, OpenCollector open_collector) {
  declare_selection(command, options.selection, std::move(open_collector));
  add_choice(command, "-o,--output", options.output.format, output_formats(), "FORMAT",
             "Of a table: short, json, csv; of entries, as cat -o");
  command.add_flag("--utc", options.output.utc, "Times of entries in UTC, not local");
  add_text(command, "--max-memory", options.memory, "SIZE", "What sort, uniq, top and stats may keep (default: 64MiB)");
}

}  // namespace

void add_query(CLI::App& app, Session& session, const OpenCollector& open_collector) {
  auto options = std::make_shared<QueryOptions>();
  CLI::App* command = app.add_subcommand("query", "Ask in the query language: filters, statistics, tables");
  declare(*command, *options, open_collector);
  add_texts(*command, "QUERY", options->selection.names, "[FILE ...]",
            "The query, then file IDs, paths and FIELD=VALUE matches");
  command->footer(kQueryFooter);
  command->callback([options, &session] { session.exit_code = query_command(*options, session); });
}

void add_stats(CLI::App& app, Session& session, const OpenCollector& open_collector) {
  auto options = std::make_shared<QueryOptions>();
  CLI::App* command = app.add_subcommand("stats", "Count entries, by fields and over time");
  declare(*command, *options, open_collector);
  add_text(*command, "--by", options->by, "FIELD,...", "For each value of these: level, sender, _title …");
  add_text(*command, "--every", options->every, "STEP", "For each 1m, 1h, 1d …");
  add_texts(*command, "FILE", options->selection.names, "...",
            "File IDs, paths and FIELD=VALUE matches (default: all files of the store)");
  command->footer(R"(Examples:
  towlctl stats --by level -S today
  towlctl stats --every 1h --by sender -p err)");
  command->callback([options, &session] { session.exit_code = stats_command(*options, session); });
}

}  // namespace towlctl
