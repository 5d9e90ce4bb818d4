// FileOutputConfig is what can be set about an output of type `file` alone. The keys are listed in README.md.
#pragma once

#include <string>

#include "outputs/text_output_config.hpp"

namespace towld {

struct FileOutputConfig {
  std::string path = {};
  TextOutputConfig entries = {};

  friend bool operator==(const FileOutputConfig&, const FileOutputConfig&) = default;
};

}  // namespace towld
