// A row of a table as JSON, the same through every door.
//
// Pure; any thread.
#pragma once

#include <string>

#include "towl/query/pipeline.hpp"

namespace towl {

/// One JSON object, on one line without its end; numbers as they are, texts as append_json_text() has them.
std::string to_json(const TableRow& row);

}  // namespace towl
