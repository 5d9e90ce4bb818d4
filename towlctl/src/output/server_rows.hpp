// ServerRows makes a table of the rows that a collector sends: JSON objects.
//
// Rows are hostile: one that is not an object is an error. One thread at a time.
#pragma once

#include <string_view>

#include "towl/query/pipeline.hpp"
#include "towl/record/json_reader.hpp"
#include "towl/result.hpp"

namespace towlctl {

class ServerRows {
 public:
  /// Errors: invalid_argument.
  towl::Result<void> add(std::string_view json);

  towl::Table take() { return std::move(table_); }

 private:
  towl::JsonReader reader_;
  towl::Table table_;
};

}  // namespace towlctl
