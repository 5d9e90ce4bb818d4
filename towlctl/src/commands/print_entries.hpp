// What cat and tail share: their options, and printing a selection's entries.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "commands/selection.hpp"
#include "output/entry_printer.hpp"
#include "session/session.hpp"

namespace towlctl {

struct PrintOptions {
  SelectionOptions selection;
  OutputOptions output;
  std::string lines;
  std::string output_fields;
  bool reverse = false;
  bool follow = false;
};

/// Adds what both have to a command.
void declare_printing(CLI::App& command, PrintOptions& options, OpenCollector open_collector);

/// Prints the entries; returns the exit code.
int print_entries(const PrintOptions& options, const Session& session);

}  // namespace towlctl
