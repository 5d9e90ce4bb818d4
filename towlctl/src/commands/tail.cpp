// towlctl tail: prints the last entries, and new ones as they are stored.
#include <memory>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "commands/print_entries.hpp"

namespace towlctl {

void add_tail(CLI::App& app, Session& session, const OpenCollector& open_collector) {
  auto options = std::make_shared<PrintOptions>();
  options->follow = true;
  CLI::App* command = app.add_subcommand("tail", "Print the last 10 entries, and new ones as they are stored");
  declare_printing(*command, *options, open_collector);
  add_habit(*command, "-f,--follow", "As tail -f: it always follows");
  command->callback([options, &session] { session.exit_code = print_entries(*options, session); });
}

}  // namespace towlctl
