// OutputConfig is all that can be set about an output. The keys are listed in README.md.
#pragma once

#include <string>
#include <vector>

#include "config/part_type.hpp"
#include "config/settings.hpp"
#include "config/source_text.hpp"

namespace towld {

struct OutputConfig {
  std::string name = {};  ///< Unique; if it is not given, the type, with a number from the second on.
  std::string type = {};  ///< One of the table's.
  SourceText source_text = {};
  Settings settings = {};  ///< What its type alone has.

  friend bool operator==(const OutputConfig&, const OutputConfig&) = default;
};

/// Reads the list under `outputs`, appends to `outputs`, and names those that have no name.
void read_outputs(YamlMap& document, const PartTypes& types, std::vector<OutputConfig>& outputs);

/// Reads the map under `archive`, an output of type `s3` that is named so.
void read_archive(YamlMap& document, const PartTypes& types, std::vector<OutputConfig>& outputs);

}  // namespace towld
