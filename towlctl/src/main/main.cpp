// towlctl: mirrors, reads, searches and looks after towl files. Each command is in commands/.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "main/load_rpc.hpp"
#include "session/session.hpp"
#include "towl/version.hpp"

namespace {

constexpr const char* kFooter = R"(Where things are:
  --server   $TOWL_SERVER, else that of the context (towlctl config), else 127.0.0.1:50011
  --store    $TOWL_STORE, else that of the context, else ~/.local/share/towl/SERVER

Examples:
  towlctl append /var/log/dpkg.log         store a file's lines as entries
  towlctl sync                             mirror the collector's files; only what is new travels
  towlctl cat -S -1h                       the last hour of the mirror
  towlctl grep -i error -S today
  towlctl COMMAND --help                   what a command takes, with examples

Exit codes: 0 done; 2 usage or failure; others are in each command's help. Interrupted: 130.)";

void declare(CLI::App& app, towlctl::Session& session) {
  using towlctl::When;
  const std::map<std::string, When> when = {
      {"auto", When::automatic}, {"always", When::always}, {"never", When::never}};
  app.add_flag("-q,--quiet", session.quiet, "No summaries and no progress on standard error");
  app.add_flag("--json", session.json, "Results as JSON, for programs");
  towlctl::add_choice(app, "--color", session.color, when, "WHEN",
                      "auto, always or never (auto: $NO_COLOR, $CLICOLOR_FORCE, the terminal)");
  app.add_flag_callback(
      "--progress", [&] { session.progress = When::always; }, "Show progress even without a terminal");
  app.add_flag_callback(
      "--no-progress", [&] { session.progress = When::never; }, "Show no progress");
  app.add_flag_callback(
      "--no-pager", [&] { session.pager = false; }, "Never start a pager");
  app.set_version_flag("--version", "towlctl " + std::string(towl::kVersion));
  app.require_subcommand(1);
  app.fallthrough();
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  towlctl::add_all(app, session, towlctl::open_with_rpc_module);
  for (CLI::App* command : app.get_subcommands({})) {
    command->group("Commands");
    const std::string own = command->get_footer();
    command->footer((own.empty() ? "" : own + "\n\n") +
                    "towlctl --help tells what all commands have: -q, --json, --color ...");
  }
  app.footer(kFooter);  // After that: commands would have it too.
}

/// "help" and "help COMMAND" are what people try first.
std::vector<std::string> with_help_command(std::vector<std::string> arguments) {
  if (arguments.empty() || arguments.front() != "help") return arguments;
  arguments.erase(arguments.begin());
  arguments.push_back("--help");
  return arguments;
}

/// Of a file with contexts that cannot be understood, every command is to tell before it goes to the wrong collector;
/// but not those that are there to mend it.
towl::Result<void> check_context_before(const std::vector<std::string>& arguments) {
  const auto is_word = [](const std::string& argument) { return !argument.starts_with('-'); };
  const auto word = std::find_if(arguments.begin(), arguments.end(), is_word);
  const std::string command = word == arguments.end() ? "" : *word;
  const bool mends = command.empty() || command == "config" || command == "doctor" || command == "completion";
  if (mends || std::find(arguments.begin(), arguments.end(), "--help") != arguments.end()) return {};
  return towlctl::check_context();
}

std::string complaint_about(const CLI::App& app, const CLI::ParseError& error) {
  const auto chosen = app.get_subcommands();
  if (!chosen.empty() && std::string_view(error.what()) == CLI::RequiredError::Subcommand(0).what()) {
    return "a command is missing; see towlctl " + chosen.front()->get_name() + " --help";
  }
  if (!chosen.empty()) return towlctl::describe(error) + "; see towlctl " + chosen.front()->get_name() + " --help";
  const auto rest = app.remaining();
  if (rest.empty()) {
    const bool none = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
    return (none ? "a command is missing" : towlctl::describe(error)) + std::string("; see towlctl --help");
  }
  const bool is_option = rest.front().starts_with('-');
  return "\"" + towlctl::taken(rest.front()) + "\" is no " + (is_option ? "option" : "command") +
         "; towlctl --help tells which there are";
}

}  // namespace

int main(int argc, char** argv) {
  towlctl::Session session;
  CLI::App app("towlctl: mirrors, reads and searches towl files", "towlctl");
  declare(app, session);
  const auto arguments = with_help_command({argv + 1, argv + argc});
  if (!arguments.empty() && arguments.front() == "__complete") {
    return towlctl::complete_command_line(app, {arguments.begin() + 1, arguments.end()});
  }
  if (const auto checked = check_context_before(arguments); !checked) {
    towlctl::complain(checked.error().to_string());
    return towlctl::kFailure;
  }
  try {  // CLI11 reports by exception; it ends here.
    towlctl::parse(app, arguments);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    towlctl::complain(complaint_about(app, error));
    return towlctl::kFailure;
  }
  return session.exit_code;
}
