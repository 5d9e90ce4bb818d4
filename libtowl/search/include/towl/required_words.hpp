// Which whole words a text must hold to match a pattern: what the filters of sealed files can look for.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "towl/matcher.hpp"

namespace towl {

/// For ReadOptions::words: one alternative a pattern. Empty where nothing can be said, and all entries must be looked
/// at.
///
/// Sound: only words that are bounded on both sides within the pattern, or by `word` and `whole`, are required. "foo"
/// may be found in "foobar", so it requires nothing; "a foo b" requires "foo".
std::vector<std::vector<std::string>> required_words(std::span<const std::string> patterns,
                                                     const MatchOptions& options);

}  // namespace towl
