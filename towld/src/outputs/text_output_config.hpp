// TextOutputConfig is what outputs that print entries have in their configuration: `stdout` and `file`.
#pragma once

#include "config/read_from.hpp"
#include "outputs/output_format.hpp"

namespace towld {

struct TextOutputConfig {
  OutputFormat format = OutputFormat::json;
  ReadFrom from = ReadFrom::end;  ///< If there is no cursor yet.

  friend bool operator==(const TextOutputConfig&, const TextOutputConfig&) = default;
};

}  // namespace towld
