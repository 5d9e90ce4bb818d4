// towld token create, list, revoke: who may do what.
#pragma once

namespace towld {

/// `argv[0]` is "token". Returns the exit code.
int run_token_command(int argc, const char* const* argv);

}  // namespace towld
