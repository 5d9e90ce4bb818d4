// Every command adds itself to the argument parser: its options, its help, and what it does when chosen.
// `session` outlives the parse; a command runs in its subcommand's callback and sets session.exit_code.
#pragma once

#include <CLI/CLI.hpp>

#include "session.hpp"

namespace towlctl {

void add_sync(CLI::App& app, Session& session);
void add_cat(CLI::App& app, Session& session);
void add_grep(CLI::App& app, Session& session);
void add_tail(CLI::App& app, Session& session);
void add_ls(CLI::App& app, Session& session);
void add_info(CLI::App& app, Session& session);
void add_append(CLI::App& app, Session& session);
void add_verify(CLI::App& app, Session& session);
void add_repair(CLI::App& app, Session& session);
void add_retain(CLI::App& app, Session& session);

}  // namespace towlctl
