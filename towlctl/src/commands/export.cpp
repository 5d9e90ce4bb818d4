// towlctl export: writes entries to files for other programs.
#include <unistd.h>

#include <iostream>
#include <map>
#include <memory>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "commands/selection.hpp"
#include "export/export.hpp"
#include "files/file_layers.hpp"
#include "output/stdout_writer.hpp"
#include "session/interrupt.hpp"
#include "towl/query/language.hpp"

namespace towlctl {
namespace {

struct ExportCommandOptions {
  SelectionOptions selection;
  std::vector<std::string> arguments;  ///< The format, and files.
  std::optional<std::string> to;
  std::optional<std::string> partition_by;
  std::optional<std::string> columns;
  std::optional<std::string> where;
  std::string memory = "512MiB";
  bool force = false;
};

const std::map<std::string, ExportFormat>& formats() {
  static const std::map<std::string, ExportFormat> kFormats = {
      {"parquet", ExportFormat::parquet}, {"csv", ExportFormat::csv},       {"jsonl", ExportFormat::jsonl},
      {"sqlite", ExportFormat::sqlite},   {"duckdb", ExportFormat::duckdb}, {"text", ExportFormat::text}};
  return kFormats;
}

tl::unexpected<towl::Error> wrong(std::string message) {
  return towl::fail(towl::ErrorCode::invalid_argument, std::move(message));
}

/// ExportCommandOptions that do not fit together.
towl::Result<void> check(const ExportCommandOptions& options, ExportFormat format) {
  const bool is_one_table = format == ExportFormat::sqlite || format == ExportFormat::duckdb;
  const bool is_text = !is_one_table && format != ExportFormat::parquet;
  if (options.partition_by && is_one_table) return wrong("--partition-by is for files: parquet, csv, jsonl, text");
  if (options.columns && (format == ExportFormat::sqlite || format == ExportFormat::text)) {
    return wrong("--columns is for parquet, csv, jsonl and duckdb");
  }
  if (!options.to && (!is_text || options.partition_by)) return wrong("name the file, or folder, with --to");
  return {};
}

towl::Result<ExportOptions> export_options_of(const ExportCommandOptions& options) {
  const auto format = options.arguments.empty() ? formats().end() : formats().find(options.arguments.front());
  if (format == formats().end()) {
    return wrong(
        "name a format first: parquet, csv, jsonl, sqlite, duckdb or text, e.g. towlctl export parquet --to "
        "logs.parquet");
  }
  if (auto checked = check(options, format->second); !checked) return tl::unexpected(checked.error());
  ExportOptions all;
  all.format = format->second;
  all.replaces = options.force;
  all.memory = options.memory;
  if (options.to) all.to = *options.to;
  if (options.partition_by) {
    auto partitions = Partitions::read(*options.partition_by);
    if (!partitions) return tl::unexpected(partitions.error());
    all.partitions = std::move(*partitions);
  }
  if (options.columns) {
    auto columns = towl::read_columns(*options.columns);
    if (!columns) return tl::unexpected(columns.error());
    all.columns = std::move(*columns);
  }
  SelectionOptions selection = options.selection;
  selection.names.assign(options.arguments.begin() + 1, options.arguments.end());
  auto selected = select(selection);
  if (!selected) return tl::unexpected(selected.error());
  std::vector<towl::Expression> parts = {selected->expression};
  if (options.where) {
    auto where = towl::parse_expression(*options.where, towl::now());
    if (!where) return tl::unexpected(where.error());
    parts.push_back(std::move(*where));
  }
  all.selection = {.files = selected->files(),
                   .expression = towl::all_of(std::move(parts)),
                   .threads = selected->threads,
                   .layer = &file_layer()};
  return all;
}

int export_command(const ExportCommandOptions& options, const Session& session) {
  auto all = export_options_of(options);
  if (!all) {
    complain(all.error().to_string());
    return kFailure;
  }
  const Interrupt interrupt;
  all->selection.stop = interrupt.token();
  std::unique_ptr<StdoutWriter> out;
  if (!options.to) {
    out = std::make_unique<StdoutWriter>(session, false);
    all->write_out = [&out](std::string_view text) { out->write(text); };
  }
  const auto exported = run_export(*all);
  const bool is_out = !out || out->flush();
  if (interrupt.exit_code() != 0) return interrupt.exit_code();
  if (!exported) {
    complain(exported.error().to_string());
    return kFailure;
  }
  for (const std::string& line : exported->losses) complain(line);
  if (options.to && !session.quiet) {
    std::cerr << exported->facts.entries << " entries in " << exported->files
              << (exported->files == 1 ? " file, " : " files, ") << exported->bytes
              << " bytes, counted after writing\n";
  }
  return is_out && exported->losses.empty() ? kDone : kFailure;
}

}  // namespace

void add_export(CLI::App& app, Session& session) {
  auto options = std::make_shared<ExportCommandOptions>();
  CLI::App* command = app.add_subcommand("export", "Write entries to Parquet, CSV, JSON lines, SQLite, DuckDB or text");
  add_texts(*command, "FORMAT", options->arguments, "FORMAT [FILE|ID]...",
            "parquet, csv, jsonl, sqlite, duckdb or text; then files (default: all of the store) and FIELD=VALUE");
  declare_selection(*command, options->selection);
  add_word(*command, "--where", options->where, "EXPR", "Only entries that this expression of `towlctl query` selects");
  add_word(*command, "--to", options->to, "PATH",
           "The file, or with --partition-by the folder (default: standard output)");
  add_word(*command, "--partition-by", options->partition_by, "NAMES",
           "host, day, or host,day: a file each, PATH/host=web-1/day=2026-01-17/part-0.parquet");
  add_word(*command, "--columns", options->columns, "NAMES",
           "Only these, e.g. time,host,status; a field of any name is a column of text, `fields` all of them as JSON");
  add_word(*command, "--memory", options->memory, "SIZE",
           "Of parquet and duckdb; more goes to the disk (default: 512MiB)");
  command->add_flag("--force", options->force, "Replace what is there");
  command->footer(
      "The same entries in the same order as `towlctl cat` with these options. Files have their name once they are\n"
      "whole: on the disk, their entries counted and, if there is a column time, the first and last one compared.\n\n"
      "Columns: time, time_ns, host, level, message, identifier, unit, fields, received, file_uuid, ordinal; also\n"
      "received_ns, title, org, file_id, and any field. jsonl without --columns has entries as `cat -o json`, text as\n"
      "cat prints them. sqlite: table logs (id, timestamp, level, message, sender, details), index on timestamp.\n\n"
      "Examples:\n"
      "  towlctl export parquet -S today --to today.parquet\n"
      "  towlctl export parquet --partition-by host,day --to data\n"
      "  towlctl export csv -p err --columns time,host,message > errors.csv\n"
      "  towlctl export sqlite --to logs.db && sqlite3 logs.db 'SELECT * FROM logs ORDER BY id DESC LIMIT 5'\n\n"
      "parquet and duckdb need DuckDB's library: scripts/install-duckdb, or $TOWL_DUCKDB_LIB.\n\n"
      "Exit codes: 0 done; 2 failure, or a part of the files could not be read.");
  command->callback([options, &session] { session.exit_code = export_command(*options, session); });
}

}  // namespace towlctl
