// Prints the table that a query's pipes make: for a person, as JSON, as CSV.
#pragma once

#include <string>

#include "output/entry_printer.hpp"
#include "towl/query/pipeline.hpp"

namespace towlctl {

/// One object a line with `json`, RFC 4180 with `csv`, else columns with a head. `terminal`: control characters are escaped.
std::string print_table(const towl::Table& table, OutputFormat format, bool terminal);

}  // namespace towlctl
