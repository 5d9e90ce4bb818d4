// Printed is a part of the configuration as it was read, to be printed again. It makes no difference between parts.
#pragma once

#include <string>

namespace towld {

struct Printed {
  std::string yaml = {};

  friend bool operator==(const Printed&, const Printed&) { return true; }
};

}  // namespace towld
