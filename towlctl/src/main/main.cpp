// towlctl: mirrors, reads, searches and looks after towl files. Each command is in commands/.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <string>

#include "commands/commands.hpp"
#include "rpc/open_collector.hpp"
#include "session/session.hpp"
#include "towl/version.hpp"

namespace {

constexpr const char* kFooter = R"(Where things are:
  --server   $TOWL_SERVER, else 127.0.0.1:50011
  --store    $TOWL_STORE, else ~/.local/share/towl/SERVER

Examples:
  towlctl append /var/log/dpkg.log         store a file's lines as entries
  towlctl sync                             mirror the collector's files; only what is new travels
  towlctl cat -S -1h                       the last hour of the mirror
  towlctl grep -i error -S today
  towlctl COMMAND --help

Exit codes: 0 done; 2 usage or failure; others are in each command's help.
SIGINT: 130.)";

void declare(CLI::App& app, towlctl::Session& session) {
  using towlctl::When;
  const std::map<std::string, When> when = {
      {"auto", When::automatic}, {"always", When::always}, {"never", When::never}};
  app.add_flag("-q,--quiet", session.quiet, "No summaries and no progress on standard error");
  app.add_flag("--json", session.json, "Answers for programs");
  app.add_option("--color", session.color, "auto, always or never (auto: $NO_COLOR, $CLICOLOR_FORCE, the terminal)")
      ->transform(CLI::CheckedTransformer(when))
      ->option_text("WHEN");
  app.add_flag_callback(
      "--progress", [&] { session.progress = When::always; }, "Show progress even without a terminal");
  app.add_flag_callback(
      "--no-progress", [&] { session.progress = When::never; }, "Show no progress");
  app.add_flag_callback(
      "--no-pager", [&] { session.pager = false; }, "Never start a pager");
  app.set_version_flag("--version", "towlctl " + std::string(towl::kVersion));
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(kFooter);
  towlctl::add_all(app, session, towlctl::open_rpc_collector);
}

}  // namespace

int main(int argc, char** argv) {
  towlctl::Session session;
  CLI::App app("towlctl: mirrors, reads and searches towl files", "towlctl");
  declare(app, session);
  try {  // CLI11 reports by exception; it ends here.
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    const auto chosen = app.get_subcommands();
    const std::string command = chosen.empty() ? "" : " " + chosen.front()->get_name();
    towlctl::complain(std::string(error.what()) + "; see towlctl" + command + " --help");
    return towlctl::kFailure;
  }
  return session.exit_code;
}
