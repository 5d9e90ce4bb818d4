// OutputFormat is what entries are printed as.
#pragma once

namespace towld {

enum class OutputFormat {
  json,     ///< An object a line, as `towlctl cat -o json` prints it.
  console,  ///< For people: time, sender, text; control characters are escaped.
  text,     ///< The texts alone, as they were logged.
};

}  // namespace towld
