// towlctl: mirrors, reads, searches and maintains towl files. Each command is in commands/.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "main/parts.hpp"
#include "session/session.hpp"
#include "towl/version.hpp"

namespace {

constexpr const char* kFooter = R"(Where things are:
  --server   $TOWL_SERVER, else that of the context (towlctl config), else 127.0.0.1:50011
  --store    $TOWL_STORE, else that of the context, else ~/.local/share/towl/SERVER
  another host's collector is talked to with TLS: --ca, and a token: $TOWL_TOKEN_FILE; or what
  `towld init --client` put into ~/.config/towl/SERVER

Examples:
  towlctl append /var/log/dpkg.log         store a file's lines as entries
  towlctl sync                             mirror the collector's files; only what is new travels
  towlctl cat -S -1h                       the last hour of the mirror
  towlctl grep -i error -S today
  towlctl COMMAND --help                   what a command takes, with examples

Exit codes: 0 done; 2 usage or failure; others are in each command's help. Interrupted: 130.)";

/// How to connect to a collector: options for every command that does.
void declare_connection(CLI::App& app, towlctl::Connection& connection) {
  constexpr const char* kGroup = "Talking to a collector";
  const auto file = [&](const char* name, std::string& into, const char* help) {
    towlctl::add_word(app, name, into, "FILE", help)->group(kGroup);
  };
  file("--ca", connection.ca, "CA of the collector's certificate ($TOWL_CA; default: the system's)");
  file("--cert", connection.cert, "Certificate to show, for a collector that asks for one ($TOWL_CERT)");
  file("--key", connection.key, "Its key ($TOWL_KEY)");
  towlctl::add_word(app, "--server-name", connection.server_name, "NAME",
                    "Name that the certificate must have ($TOWL_SERVER_NAME; default: the host's)")
      ->group(kGroup);
  file("--token-file", connection.token_file, "Token to show ($TOWL_TOKEN_FILE, $TOWL_TOKEN)");
  app.add_flag("--insecure-skip-verify", connection.skip_verify,
               "Take any certificate: who is in between can read and change everything")
      ->group(kGroup);
  app.add_flag("--plaintext", connection.plaintext, "No TLS, also to another host; no token is sent then")
      ->group(kGroup);
}

void declare(CLI::App& app, towlctl::Session& session, towlctl::Connection& connection) {
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
  declare_connection(app, connection);
  towlctl::add_all(
      app, session,
      [&connection](const std::string& server) { return towlctl::open_with_rpc_module(server, connection); },
      towlctl::become_ui_program);
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

/// If the contexts file cannot be understood, every command must say so before it goes to the wrong collector;
/// except for the commands that can mend the file.
towl::Result<void> check_context_before(const std::vector<std::string>& arguments) {
  const auto is_word = [](const std::string& argument) { return !argument.starts_with('-'); };
  const auto word = std::find_if(arguments.begin(), arguments.end(), is_word);
  const std::string command = word == arguments.end() ? "" : *word;
  const bool mends = command.empty() || command == "config" || command == "doctor" || command == "completion";
  if (mends || std::find(arguments.begin(), arguments.end(), "--help") != arguments.end()) return {};
  return towlctl::check_context();
}

/// `grep -3` is `grep -C 3`; the number after an option that takes one is its value.
std::vector<std::string> with_context_number(std::vector<std::string> arguments) {
  if (std::find(arguments.begin(), arguments.end(), "grep") == arguments.end()) return arguments;
  constexpr std::string_view kTaking = "efABCmSUutpj";
  for (std::size_t i = 1; i < arguments.size() && arguments[i] != "--"; ++i) {
    const std::string& before = arguments[i - 1];
    const bool is_value = before.starts_with("--") ||
                          (before.size() >= 2 && before[0] == '-' && kTaking.find(before.back()) != kTaking.npos);
    const std::string& own = arguments[i];
    const bool is_number = own.size() > 1 && own[0] == '-' && own.find_first_not_of("0123456789", 1) == own.npos;
    if (is_number && !is_value) arguments[i] = "-C" + own.substr(1);
  }
  return arguments;
}

std::string complaint_about(const CLI::App& app, const CLI::ParseError& error) {
  const auto chosen = app.get_subcommands();
  if (!chosen.empty() && std::string_view(error.what()) == CLI::RequiredError::Subcommand(1).what()) {
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
  towlctl::Connection connection;
  declare(app, session, connection);
  const auto arguments = with_help_command({argv + 1, argv + argc});
  if (!arguments.empty() && arguments.front() == "__complete") {
    return towlctl::complete_command_line(app, {arguments.begin() + 1, arguments.end()});
  }
  if (const auto checked = check_context_before(arguments); !checked) {
    towlctl::complain(checked.error().to_string());
    return towlctl::kFailure;
  }
  try {  // CLI11 reports by exception; it ends here.
    towlctl::parse(app, with_context_number(arguments));
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    towlctl::complain(complaint_about(app, error));
    return towlctl::kFailure;
  }
  return session.exit_code;
}
