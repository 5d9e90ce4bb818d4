#include "towlctl/commands/run_towlctl.hpp"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <utility>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "rpc/open_collector.hpp"
#include "session/session.hpp"

namespace towl::test {

Ran run_towlctl(std::vector<std::string> arguments) {
  towlctl::Session session;
  CLI::App app;
  app.fallthrough();
  app.add_flag("-q", session.quiet);
  app.add_flag("--json", session.json);
  towlctl::add_sync(app, session, towlctl::open_rpc_collector);
  towlctl::add_append(app, session, towlctl::open_rpc_collector);
  towlctl::add_stat(app, session, towlctl::open_rpc_collector);
  towlctl::add_retain(app, session, towlctl::open_rpc_collector);
  towlctl::add_cat(app, session, towlctl::open_rpc_collector);
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
