// towlctl cat: prints entries.
#include <memory>

#include "commands/commands.hpp"
#include "commands/print_entries.hpp"

namespace towlctl {

void add_cat(CLI::App& app, Session& session, const OpenCollector& open_collector) {
  auto options = std::make_shared<PrintOptions>();
  CLI::App* command = app.add_subcommand("cat", "Print entries");
  declare_printing(*command, *options, open_collector);
  auto* reverse = command->add_flag("-r,--reverse", options->reverse, "The newest first");
  command->add_flag("-f,--follow", options->follow, "Go on with entries as they are stored")->excludes(reverse);
  command->add_flag("--rejected", options->selection.rejected,
                    "What the collector could not take: the bytes, why (TOWL_REJECTED) and who sent them");
  command->callback([options, &session] { session.exit_code = print_entries(*options, session); });
}

}  // namespace towlctl
