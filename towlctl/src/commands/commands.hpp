// Every command adds itself to the argument parser: its options, its help, and what it does when it is chosen.
// Those that take `open_collector` talk to a collector, some with --server alone; the others never do. `session` outlives the parse; a command
// runs in its subcommand's callback and sets session.exit_code.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "collector/collector.hpp"
#include "session/session.hpp"
#include "ui/program.hpp"

namespace towlctl {

void add_sync(CLI::App& app, Session& session, const OpenCollector& open_collector);
void add_cat(CLI::App& app, Session& session, const OpenCollector& open_collector);
void add_grep(CLI::App& app, Session& session, const OpenCollector& open_collector);
void add_tail(CLI::App& app, Session& session, const OpenCollector& open_collector);
void add_query(CLI::App& app, Session& session, const OpenCollector& open_collector);
void add_stats(CLI::App& app, Session& session, const OpenCollector& open_collector);
void add_patterns(CLI::App& app, Session& session);
void add_show(CLI::App& app, Session& session, const OpenCollector& open_collector);
void add_ls(CLI::App& app, Session& session);
void add_info(CLI::App& app, Session& session);
void add_append(CLI::App& app, Session& session, const OpenCollector& open_collector);
void add_verify(CLI::App& app, Session& session);
void add_repair(CLI::App& app, Session& session, const OpenCollector& open_collector);
void add_seal(CLI::App& app, Session& session);
void add_convert(CLI::App& app, Session& session);
void add_restore(CLI::App& app, Session& session);
void add_retain(CLI::App& app, Session& session, const OpenCollector& open_collector);
void add_sql(CLI::App& app, Session& session);
void add_export(CLI::App& app, Session& session);
void add_stat(CLI::App& app, Session& session, const OpenCollector& open_collector);
void add_explain(CLI::App& app, Session& session, const OpenCollector& open_collector);
void add_config(CLI::App& app, Session& session);
void add_doctor(CLI::App& app, Session& session, const OpenCollector& open_collector);
void add_ui(CLI::App& app, Session& session, RunUi run_ui);
void add_completion(CLI::App& app, Session& session);

/// `towlctl __complete WORD…`, which the shells' scripts call: prints what may take the place of the last word.
/// Returns the exit code.
int complete_command_line(const CLI::App& app, const std::vector<std::string>& words);

/// All of them, in the order of the help.
inline void add_all(CLI::App& app, Session& session, const OpenCollector& open_collector, RunUi run_ui) {
  add_sync(app, session, open_collector);
  add_cat(app, session, open_collector);
  add_grep(app, session, open_collector);
  add_tail(app, session, open_collector);
  add_query(app, session, open_collector);
  add_stats(app, session, open_collector);
  add_patterns(app, session);
  add_show(app, session, open_collector);
  add_ui(app, session, std::move(run_ui));
  add_sql(app, session);
  add_export(app, session);
  add_ls(app, session);
  add_info(app, session);
  add_append(app, session, open_collector);
  add_verify(app, session);
  add_repair(app, session, open_collector);
  add_seal(app, session);
  add_convert(app, session);
  add_restore(app, session);
  add_retain(app, session, open_collector);
  add_stat(app, session, open_collector);
  add_explain(app, session, open_collector);
  add_config(app, session);
  add_doctor(app, session, open_collector);
  add_completion(app, session);
}

}  // namespace towlctl
