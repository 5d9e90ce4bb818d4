// parse_options reads the command line: flags beat the environment (TOWLD_…) beats the configuration file.
#pragma once

#include <optional>

#include "config/config.hpp"

namespace towld {

struct Options {
  Config config;
  bool insecure = false;      ///< Listen on an address that others can reach, without encryption.
  bool check_config = false;  ///< Say whether the configuration is good, and end.
  bool print_config = false;
};

/// What to do; or, where it was said already (--help, an error), the exit code.
struct Parsed {
  std::optional<Options> options;
  int exit_code = 0;
};

Parsed parse_options(int argc, const char* const* argv);

}  // namespace towld
