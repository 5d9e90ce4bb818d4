// ValueTest tests one value of a field. It is made from a test of an expression.
//
// Threads: any; it does not change.
#pragma once

#include <memory>
#include <string_view>

#include "literal_search.hpp"
#include "towl/query/expression.hpp"
#include "towl/result.hpp"

namespace towl::detail {

class ValueTest {
 public:
  virtual ~ValueTest() = default;

  virtual bool passes(std::string_view value) const = 0;

  /// A field without any value passes.
  virtual bool passes_without() const { return false; }
};

/// Errors: invalid_argument: a pattern that is invalid.
Result<std::unique_ptr<ValueTest>> make_value_test(const Test& test);

/// What a value must have to pass.
Literals required_literals(const Test& test);

/// A value passes exactly if it has one of required_literals().
bool is_literal_test(const Test& test);

}  // namespace towl::detail
