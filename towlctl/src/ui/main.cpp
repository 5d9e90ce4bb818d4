// towlctl-ui: see ui/program.hpp. Only towlctl starts it.
#include <cstdio>
#include <string_view>

#include "session/session.hpp"
#include "towl/version.hpp"
#include "ui/ui_server.hpp"

int main(int argc, char** argv) {
  if (argc != 5 || std::string_view(argv[1]) != towl::kVersion) {
    towlctl::complain("towlctl-ui is for `towlctl ui` of the same version to start: install towlctl again, as a whole");
    return towlctl::kFailure;
  }
  const auto code = towlctl::run_ui({.store = argv[2], .listen = argv[3], .quiet = *argv[4] != '\0'});
  if (!code) towlctl::complain(code.error().to_string());
  return code.value_or(towlctl::kFailure);
}
