// What is known of entries before they are read: whether a file or a part of it can have any that an expression wants,
// and which words their texts must hold.
#pragma once

#include <string>
#include <vector>

#include "batch.hpp"
#include "towl/query/expression.hpp"

namespace towl::detail {

/// What is known of some entries of a file. None of them happened before `event_min` or after `event_max`.
struct Known {
  const FileFacts* file = nullptr;
  Timestamp event_min = std::numeric_limits<Timestamp>::min();
  Timestamp event_max = std::numeric_limits<Timestamp>::max();
};

enum class Truth { no, maybe, yes };

/// Whether the expression holds for none of them, for all, or whether that is not known.
Truth truth_of(const Expression& expression, const Known& known);

/// No entry outside of this is wanted.
TimeTest time_bounds(const Expression& expression);

/// For ReadOptions::words: the texts of wanted entries hold all words of at least one of these alternatives. Empty if
/// nothing is known.
///
/// Sound: only words that are bounded on both sides are required. "foo" may be found in "foobar", so it requires nothing;
/// "a foo b" requires "foo".
std::vector<std::vector<std::string>> required_words(const Expression& expression);

/// The part of a conjunction that needs no texts; everything if there is none.
Expression without_texts(const Expression& expression);

}  // namespace towl::detail
