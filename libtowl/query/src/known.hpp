// What can be said of entries before they are read: whether a file or a part of it can have any that an expression wants,
// and which words their texts must hold.
#pragma once

#include <string>
#include <vector>

#include "batch.hpp"
#include "towl/query/expression.hpp"

namespace towl::detail {

/// Of some entries of a file, no one of which happened before `event_min` or after `event_max`.
struct Known {
  const FileFacts* file = nullptr;
  Timestamp event_min = std::numeric_limits<Timestamp>::min();
  Timestamp event_max = std::numeric_limits<Timestamp>::max();
};

enum class Truth { no, maybe, yes };

/// Whether the expression holds for them: for none, for all, or that is not known.
Truth truth_of(const Expression& expression, const Known& known);

/// No entry outside of this is wanted.
TimeTest time_bounds(const Expression& expression);

/// For ReadOptions::words: entries are wanted only whose texts hold all words of one of the alternatives. Empty where
/// nothing can be said.
///
/// Sound: only words that are bounded on both sides are required. "foo" may be found in "foobar", so it requires nothing;
/// "a foo b" requires "foo".
std::vector<std::vector<std::string>> required_words(const Expression& expression);

/// The part of a conjunction that needs no texts; everything where there is none.
Expression without_texts(const Expression& expression);

}  // namespace towl::detail
