// What all commands share: the options before the command, exit codes, and where servers and stores are.
#pragma once

#include <filesystem>
#include <string>

#include "towl/result.hpp"

namespace towlctl {

enum class When { automatic, always, never };

/// Exit codes; see `towlctl --help`.
inline constexpr int kDone = 0;
inline constexpr int kFailure = 2;

/// Filled by the argument parser before a command runs; a command leaves its exit code in `exit_code`.
struct Session {
  bool quiet = false;               ///< -q: no summaries, no progress.
  bool json = false;                ///< --json: answers for programs.
  When color = When::automatic;     ///< --color
  When progress = When::automatic;  ///< --progress / --no-progress
  bool pager = true;                ///< --no-pager clears it.
  int exit_code = kDone;
};

/// $TOWL_SERVER, else the server of the context in use (context/contexts.hpp), else 127.0.0.1:50011.
std::string default_server();

/// Checks that the context in use can be found. Errors: those of read_contexts() and context_in_use().
towl::Result<void> check_context();

/// $TOWL_STORE, else the store of the context in use if `server` is its server, else ~/.local/share/towl/SERVER, with characters that do not belong in a name replaced by `_`.
std::filesystem::path default_store(const std::string& server);

/// Whether standard output may be coloured: --color, $NO_COLOR (https://no-color.org), $CLICOLOR_FORCE, the terminal.
bool use_color(const Session& session);

/// Prints one line "towlctl: MESSAGE" to standard error.
void complain(const std::string& message);

}  // namespace towlctl
