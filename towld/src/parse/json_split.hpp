// JsonSplitter finds the objects of a JSON text: an array's elements, or objects one after the other with or without
// space between them (NDJSON among them).
//
// It looks for where objects end, and leaves it to the reader whether they are JSON: what is not, is given as an
// object that cannot be read, or is an error here. Ownership: views of the text.
// Cost: linear, whatever the text: of each byte it is found out once what it ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "towl/result.hpp"

namespace towld {

class JsonSplitter {
 public:
  explicit JsonSplitter(std::string_view text);

  bool is_array() const { return is_array_; }

  /// The next object, or nullopt at the end. A line that begins and ends with braces is taken for one: if it cannot be
  /// read, ask exact(). Errors: invalid_argument.
  towl::Result<std::optional<std::string_view>> next();

  /// The object that next() gave, found by counting brackets, if that is another one; next() then goes on after it.
  std::optional<std::string_view> exact();

  /// After an error of next(), or for an object that cannot be read: the text of what is wrong, and next() goes on
  /// after it: a line; an array's element; or all that is left if an array has no commas.
  std::string_view skip_bad();

  /// After an error: how many more objects there seem to be, lines in JSON lines. Nothing is left then.
  std::uint64_t skip_rest();

  /// Nothing follows the object that next() gave.
  bool at_end() const;

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::string_view last_;
  std::size_t line_end_ = 0;        // of the line that at_ was in when it was looked for
  std::size_t brackets_until_ = 0;  // a line up to there is no object by itself: brackets are counted
  bool is_array_ = false;
  bool is_line_ = false;
  bool ended_ = false;
};

}  // namespace towld
