// towlctl ui: the collector's page over a mirror, in a browser, offline.
#include <memory>
#include <utility>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "files/local_files.hpp"

namespace towlctl {
namespace {

struct UiCommandOptions {
  std::string store;
  std::string listen = "127.0.0.1:0";
};

}  // namespace

void add_ui(CLI::App& app, Session& session, RunUi run_ui) {
  auto options = std::make_shared<UiCommandOptions>();
  CLI::App* command = app.add_subcommand("ui", "Show a mirror in the browser: search, live tail, statistics");
  add_word(*command, "--store", options->store, "DIR",
           "Folder of the store or mirror (default: $TOWL_STORE, the mirror)");
  add_word(*command, "--listen", options->listen, "HOST:PORT",
           "An address of this host alone; port 0 takes a free one (default: 127.0.0.1:0)");
  command->footer(
      R"(Prints the address of the page, and serves it until Ctrl-C. It reads the mirror, changes nothing and asks no
collector. With `towlctl sync --follow` beside it the live tail goes on by itself.

Examples:
  towlctl ui
  towlctl ui --store /backup/logs --listen 127.0.0.1:8080)");
  command->callback([options, &session, run_ui = std::move(run_ui)] {
    const auto code = run_ui({.store = local_store(options->store), .listen = options->listen, .quiet = session.quiet});
    if (!code) complain(code.error().to_string());
    session.exit_code = code.value_or(kFailure);
  });
}

}  // namespace towlctl
