// run_towlctl runs a towlctl command in the test's own process, with the real argument parser.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace towl::test {

struct Ran {
  int code = 0;
  std::string out;
  std::string err;

  long lines() const { return std::count(err.begin(), err.end(), '\n'); }
};

/// `arguments` without the program's name: {"sync", "--server", …}.
Ran run_towlctl(std::vector<std::string> arguments);

}  // namespace towl::test
