// SqliteOutputConfig is what can be set about an output of type `sqlite` alone. The keys are listed in README.md.
#pragma once

#include <string>

#include "config/read_from.hpp"

namespace towld {

struct SqliteOutputConfig {
  std::string path = {};
  ReadFrom from = ReadFrom::beginning;  ///< If the database has no cursor yet.

  friend bool operator==(const SqliteOutputConfig&, const SqliteOutputConfig&) = default;
};

}  // namespace towld
