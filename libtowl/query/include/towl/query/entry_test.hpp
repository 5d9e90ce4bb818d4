// EntryTest tests entries one by one with an expression, for callers that already have them; Search reads files.
//
// Threads: one at a time.
#pragma once

#include <memory>

#include "towl/entry.hpp"
#include "towl/header.hpp"
#include "towl/query/expression.hpp"
#include "towl/result.hpp"

namespace towl {

class EntryTest {
 public:
  /// Errors: invalid_argument: a pattern that is invalid, or too large.
  static Result<EntryTest> create(const Expression& expression);

  EntryTest(EntryTest&&) noexcept;
  EntryTest& operator=(EntryTest&&) noexcept;
  ~EntryTest();

  /// Whether the entry at `ordinal` of a file with this header is wanted.
  bool passes(const EntryView& entry, const Header& header = {}, Ordinal ordinal = 0);

 private:
  struct State;
  explicit EntryTest(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace towl
