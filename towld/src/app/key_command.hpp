// towld key: makes the key that a collector signs its files with.
#pragma once

namespace towld {

/// Runs `towld key …`; returns the exit code.
int run_key_command(int argc, const char* const* argv);

}  // namespace towld
