// parse_options reads the command line: flags beat the environment (TOWLD_…) beats the configuration file.
#pragma once

#include <optional>
#include <string>

#include "config/config.hpp"
#include "towl/result.hpp"

namespace towld {

/// What was said on the command line and in the environment; empty if nothing was.
struct Flags {
  std::string config_file = {};
  std::string store = {};
  std::string listen = {};
  std::string http = {};
  std::string durability = {};
  std::string log_level = {};
  std::string log_format = {};
  bool insecure = false;  ///< Others may reach what is neither encrypted nor asks for a token.
};

struct Options {
  Config config;
  Flags flags = {};
  bool check_config = false;  ///< Say whether the configuration is good, and end.
  bool print_config = false;
  std::string cases_file = {};  ///< `test CASES.yaml`: run these cases, and end.
  std::optional<std::string> tried =
      {};  ///< `try INPUT`: show what its parsers do to lines of standard input, and end.
};

/// What to do; or the exit code, if all was said already (--help, an error).
struct Parsed {
  std::optional<Options> options;
  int exit_code = 0;
};

Parsed parse_options(int argc, const char* const* argv);

/// The configuration with the flags; reads its files. Errors: those of read_config(); invalid_argument.
towl::Result<Config> config_of(const Flags& flags);

}  // namespace towld
