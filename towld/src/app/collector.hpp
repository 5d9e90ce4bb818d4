// run_collector runs towld from its start to its end.
#pragma once

#include "app/options.hpp"

namespace towld {

/// Returns the exit code: 0 after SIGTERM or SIGINT, 2 if it could not start or did not end in order.
int run_collector(const Options& options);

}  // namespace towld
