// Prints the table that a query's pipes make: for a person, as JSON, as CSV.
#pragma once

#include <string>

#include "output/entry_printer.hpp"
#include "towl/query/pipeline.hpp"

namespace towlctl {

/// With `json` an object a line, with `csv` RFC 4180, else columns with a head. `terminal`: escape control characters.
std::string print_table(const towl::Table& table, OutputFormat format, bool terminal);

}  // namespace towlctl
