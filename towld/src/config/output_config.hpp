// OutputConfig is all that can be set about an output. The keys are listed in README.md.
#pragma once

#include <string>
#include <vector>

#include "config/input_config.hpp"

namespace towld {

class YamlMap;

enum class OutputType { towl, stdout_, file };

enum class OutputFormat {
  json,     ///< An object a line, as `towlctl cat -o json` prints it.
  console,  ///< For people: time, sender, text; control characters are escaped.
  text,     ///< The texts alone, as they were logged.
};

struct TowlOutputConfig {
  std::vector<std::string> remotes = {};  ///< HOST:PORT; the first that can be reached is used.

  friend bool operator==(const TowlOutputConfig&, const TowlOutputConfig&) = default;
};

struct OutputConfig {
  std::string name = {};  ///< Unique; where it is not given, the type, with a number from the second on.
  OutputType type = OutputType::stdout_;
  SourceText source_text = {};
  TowlOutputConfig towl = {};
  // stdout and file
  OutputFormat format = OutputFormat::json;
  ReadFrom from = ReadFrom::end;
  std::string path = {};  ///< file.

  friend bool operator==(const OutputConfig&, const OutputConfig&) = default;
};

/// Reads the list under `outputs`, and names those that have no name.
void read_outputs(YamlMap& document, std::vector<OutputConfig>& outputs);

}  // namespace towld
