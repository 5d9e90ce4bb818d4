// towlctl sql: questions in SQL, answered by DuckDB over the files of a store or mirror.
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <thread>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "commands/selection.hpp"
#include "files/local_files.hpp"
#include "output/stdout_writer.hpp"
#include "output/text.hpp"
#include "session/interrupt.hpp"
#include "sql/result_table.hpp"
#include "sql/sql_database.hpp"
#include "sql/sql_prompt.hpp"
#include "towl/query/language.hpp"

namespace towlctl {
namespace {

enum class Output { table, csv, json, ndjson, parquet };

struct SqlCommandOptions {
  SelectionOptions selection;
  std::vector<std::string> arguments;  ///< The query, and files.
  std::optional<std::string> query_file;
  std::optional<Output> output;
  std::optional<std::string> to;
  std::optional<std::string> where;
  std::string memory = "512MiB";
};

SqlFileFormat file_format_of(Output output) {
  switch (output) {
    case Output::csv:
      return SqlFileFormat::csv;
    case Output::json:
      return SqlFileFormat::json;
    case Output::parquet:
      return SqlFileFormat::parquet;
    default:
      return SqlFileFormat::ndjson;
  }
}

/// The format by the ending of --to, if -o does not say it.
Output output_of(const SqlCommandOptions& options, const Session& session) {
  if (options.output) return *options.output;
  const std::string ending = options.to ? std::filesystem::path(*options.to).extension().string() : "";
  if (ending == ".parquet") return Output::parquet;
  if (ending == ".csv") return Output::csv;
  if (ending == ".json") return Output::json;
  if (options.to) return Output::ndjson;
  return session.json ? Output::json : Output::table;
}

std::size_t terminal_width() {
  winsize size = {};
  const bool known = isatty(STDOUT_FILENO) != 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  return known ? size.ws_col : 0;
}

towl::Result<std::string> read_text(std::istream& from, const std::string& name) {
  std::string text{std::istreambuf_iterator<char>(from), {}};
  if (from.bad() || (text.empty() && !from)) return towl::fail(towl::ErrorCode::io, "cannot read a query from " + name);
  return text;
}

/// The query: an argument, a file, or standard input; empty: a person must be asked.
towl::Result<std::string> query_of(const SqlCommandOptions& options) {
  if (options.query_file) {
    std::ifstream file(*options.query_file);
    if (!file) return towl::fail(towl::ErrorCode::not_found, "cannot read the file " + *options.query_file);
    return read_text(file, *options.query_file);
  }
  if (!options.arguments.empty()) return options.arguments.front();
  if (isatty(STDIN_FILENO) != 0) return std::string();
  return read_text(std::cin, "standard input");
}

towl::Result<SqlOptions> sql_options_of(const SqlCommandOptions& options) {
  SelectionOptions selection = options.selection;
  if (!options.arguments.empty()) {
    const auto skip = options.query_file ? 0 : 1;
    selection.names.assign(options.arguments.begin() + skip, options.arguments.end());
  }
  auto selected = select(selection);
  if (!selected) return tl::unexpected(selected.error());
  // Readers apply the bounds of time themselves.
  std::vector<towl::Expression> parts;
  if (selected->filter.kind != towl::Expression::Kind::everything) parts.push_back(selected->filter);
  if (options.where) {
    auto where = towl::parse_expression(*options.where, towl::now());
    if (!where) return tl::unexpected(where.error());
    parts.push_back(std::move(*where));
  }
  return SqlOptions{
      .logs = {.paths = std::move(selected->paths),
               .since = selected->since,
               .until = selected->until,
               .expression = towl::all_of(std::move(parts))},
      .threads = selected->threads > 0 ? selected->threads : std::max(1U, std::thread::hardware_concurrency()),
      .memory_limit = options.memory};
}

/// A query's result as a file in a pipe, on its way to standard output: what is there already is never overwritten.
towl::Result<void> copy_to_stdout(SqlDatabase& database, const std::string& query, Output output, StdoutWriter& out) {
  std::array<int, 2> ends = {};
  if (pipe(ends.data()) != 0) return towl::fail(towl::ErrorCode::io, "cannot make a pipe");
  std::jthread reader([&out, from = ends[0]] {
    std::array<char, 1 << 16> bytes;
    for (ssize_t got = 0; (got = read(from, bytes.data(), bytes.size())) > 0;) {
      out.write({bytes.data(), static_cast<std::size_t>(got)});
    }
    close(from);
  });
  auto copied = database.copy(query, "/proc/self/fd/" + std::to_string(ends[1]), file_format_of(output));
  close(ends[1]);
  return copied;
}

/// DuckDB shows the place of a mistake in lines of its own.
void complain_in_lines(const std::string& message) {
  const auto first = message.find('\n');
  complain(message.substr(0, first));
  if (first != std::string::npos) std::cerr << escape_control(message.substr(first + 1)) << '\n';
}

/// While it exists, new threads take no SIGINT and no SIGTERM: in DuckDB's threads they would end the program.
class WithoutSignals {
 public:
  WithoutSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, &before_);
  }
  WithoutSignals(const WithoutSignals&) = delete;
  WithoutSignals& operator=(const WithoutSignals&) = delete;
  ~WithoutSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

towl::Result<std::unique_ptr<SqlDatabase>> open_database(const SqlOptions& options) {
  const WithoutSignals during;
  return SqlDatabase::open(options);
}

class SqlCommand {
 public:
  SqlCommand(SqlDatabase& database, const SqlCommandOptions& options, const Session& session)
      : database_(database), options_(options), session_(session), output_(output_of(options, session)) {}

  int run(const std::string& query) {
    const Interrupt interrupt;
    const std::stop_callback stop(interrupt.token(), [this] { database_.interrupt(); });
    StdoutWriter out(session_, output_ == Output::table && !asks_);
    const auto done = answer(query, out);
    const bool written = out.flush();
    if (interrupt.exit_code() != 0) return interrupt.exit_code();
    if (!done) complain_in_lines(done.error().to_string());
    const auto losses = database_.losses();
    for (const std::string& line : losses) complain(line);
    return done && written && losses.empty() ? kDone : kFailure;
  }

  void ask() {
    asks_ = true;
    ask_for_statements([this](const std::string& text) {
      if (!text.starts_with('.')) {
        run(text);
      } else if (text == ".tables") {
        run("SHOW TABLES");
      } else if (text == ".schema") {
        run("DESCRIBE logs");
      } else {
        complain(".tables, .schema, .cancel and .quit are known; all else is SQL, up to a ;");
      }
    });
  }

 private:
  towl::Result<void> answer(const std::string& query, StdoutWriter& out) {
    if (options_.to) return database_.copy(query, *options_.to, file_format_of(output_));
    if (output_ != Output::table) return copy_to_stdout(database_, query, output_, out);
    ResultTable table([&out](std::string_view text) { out.write(text); }, terminal_width());
    auto done = database_.run(query, {[&](const std::vector<std::string>& names) { table.columns(names); },
                                      [&](const SqlRow& row) { table.row(row); }});
    if (done) table.finish();
    return done;
  }

  SqlDatabase& database_;
  const SqlCommandOptions& options_;
  const Session& session_;
  const Output output_;
  bool asks_ = false;
};

int sql_command(const SqlCommandOptions& options, const Session& session) {
  const auto failed = [](const towl::Error& error) {
    complain(error.to_string());
    return kFailure;
  };
  if (output_of(options, session) == Output::parquet && !options.to && isatty(STDOUT_FILENO) != 0) {
    complain("Parquet is nothing for a terminal: name a file with --to");
    return kFailure;
  }
  const auto query = query_of(options);
  if (!query) return failed(query.error());
  const auto sql_options = sql_options_of(options);
  if (!sql_options) return failed(sql_options.error());
  const auto database = open_database(*sql_options);
  if (!database) return failed(database.error());
  SqlCommand command(**database, options, session);
  if (!query->empty()) return command.run(*query);
  command.ask();
  return kDone;
}

}  // namespace

void add_sql(CLI::App& app, Session& session) {
  auto options = std::make_shared<SqlCommandOptions>();
  CLI::App* command = app.add_subcommand("sql", "Ask in SQL, of a store or mirror");
  add_texts(*command, "QUERY", options->arguments, "QUERY [FILE|ID]...",
            "The query, and which files it is about (default: all of the store); FIELD=VALUE selects entries");
  declare_selection(*command, options->selection);
  add_word(*command, "--file", options->query_file, "FILE", "Take the query from a file");
  const std::map<std::string, Output> outputs = {{"table", Output::table},
                                                 {"csv", Output::csv},
                                                 {"json", Output::json},
                                                 {"ndjson", Output::ndjson},
                                                 {"parquet", Output::parquet}};
  add_choice(*command, "-o,--output", options->output, outputs, "FORMAT",
             "table (the default), csv, json, ndjson, parquet");
  add_word(*command, "--to", options->to, "FILE", "Write the result to a file; its ending tells the format");
  add_word(*command, "--where", options->where, "EXPR", "Only entries that this expression of `towlctl query` selects");
  add_word(*command, "--memory", options->memory, "SIZE", "Of the query; more goes to $TMPDIR (default: 512MiB)");
  command->footer(
      "Tables: logs (file_uuid, file_id, ordinal, title, sender, received, time, level, format, message,\n"
      "fields, received_ns, time_ns), patterns (count, example, pattern) and files; read_towl('DIR/*.towl',\n"
      "since := '-1h', until := 'now') reads others, towl_patterns(new_since := '-1h') tells what is new. Rows come\n"
      "in any order: say ORDER BY. -S, -U, --where and the other options pass over files, frames and entries, and\n"
      "so do parts of a WHERE on logs: time < '2026-01-17' or > now() - INTERVAL 1 DAY, message LIKE '%text%',\n"
      "level, sender, title, file_id = or IN.\n\n"
      "Without a query: of standard input, or at a prompt (.tables, .schema, .cancel, .quit; Ctrl-C ends a query).\n\n"
      "Examples:\n"
      "  towlctl sql -S -1d 'SELECT level, count(*) FROM logs GROUP BY level ORDER BY 2 DESC'\n"
      "  towlctl sql \"SELECT fields->>'status' AS status, count(*) FROM logs GROUP BY 1\"\n"
      "  towlctl sql -S today 'SELECT time, sender, message FROM logs' --to today.parquet\n\n"
      "Needs DuckDB's library: scripts/install-duckdb, or $TOWL_DUCKDB_LIB.\n\n"
      "Exit codes: 0 done; 2 failure, or a part of the files could not be read.");
  command->callback([options, &session] { session.exit_code = sql_command(*options, session); });
}

}  // namespace towlctl
