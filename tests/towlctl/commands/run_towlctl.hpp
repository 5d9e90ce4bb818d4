// run_towlctl runs a towlctl command in the test's own process, with the real argument parser.
#pragma once

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "rpc/open_collector.hpp"
#include "session/session.hpp"

namespace towl::test {

struct Ran {
  int code = 0;
  std::string out;
  std::string err;

  long lines() const { return std::count(err.begin(), err.end(), '\n'); }
};

/// `arguments` without the program's name: {"sync", "--server", …}.
inline Ran run_towlctl(std::vector<std::string> arguments) {
  towlctl::Session session;
  CLI::App app;
  app.fallthrough();
  app.add_flag("-q", session.quiet);
  app.add_flag("--json", session.json);
  towlctl::add_sync(app, session, towlctl::open_rpc_collector);
  towlctl::add_append(app, session, towlctl::open_rpc_collector);
  towlctl::add_stat(app, session, towlctl::open_rpc_collector);
  towlctl::add_retain(app, session, towlctl::open_rpc_collector);
  towlctl::add_cat(app, session);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Ran ran;
  try {
    towlctl::parse(app, std::move(arguments));
    ran.code = session.exit_code;
  } catch (const CLI::ParseError& error) {
    ran.code = error.get_exit_code() == 0 ? 0 : 2;
  }
  ran.out = testing::internal::GetCapturedStdout();
  ran.err = testing::internal::GetCapturedStderr();
  return ran;
}

}  // namespace towl::test
