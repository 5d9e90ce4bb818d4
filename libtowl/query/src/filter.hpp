// A Filter removes the entries of a batch that are not wanted. It is made from an expression.
//
// Threads: one at a time for each batch; a filter does not change.
#pragma once

#include <memory>

#include "batch.hpp"
#include "row_set.hpp"
#include "towl/query/expression.hpp"
#include "towl/result.hpp"

namespace towl::detail {

class Filter {
 public:
  virtual ~Filter() = default;

  /// Removes the rows that do not pass from `rows`.
  virtual void select(Batch& batch, RowSet& rows) const = 0;
};

/// Errors: invalid_argument.
Result<std::unique_ptr<Filter>> make_filter(const Expression& expression);

/// The filter of one test: test_filter.cpp.
Result<std::unique_ptr<Filter>> make_test_filter(const Field& field, const Test& test);

/// Whether texts are looked at; senders, times and what is known of the file do not need them.
bool needs_text(FieldKind kind);
bool needs_text(const Expression& expression);

}  // namespace towl::detail
