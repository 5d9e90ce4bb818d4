// A row of a table as JSON, the same for every output.
//
// Pure; any thread.
#pragma once

#include <string>

#include "towl/query/pipeline.hpp"

namespace towl {

/// One JSON object, on one line without its end; numbers as they are, texts as append_json_text() writes them.
std::string to_json(const TableRow& row);

}  // namespace towl
