// Grok names patterns and builds larger ones of them: %{IP:client} is what the pattern IP matches, as the field client.
//
// %{NAME}            the pattern NAME, not kept
// %{NAME:field}      kept as `field`
// %{NAME:field:int}  kept as a number; also `float`
// Whatever else a pattern holds is RE2's syntax: no look-around, no back-references. (?>…) is taken for (?:…).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "parse/group_parser.hpp"
#include "towl/result.hpp"

namespace towld {

using GrokPatterns = std::map<std::string, std::string, std::less<>>;

/// The patterns that are always there.
const GrokPatterns& grok_library();

/// Adds patterns from a text of lines `NAME PATTERN`; empty lines and those that begin with # are passed over.
/// Errors: invalid_argument with `file` and the line.
towl::Result<void> read_grok_patterns(std::string_view text, const std::string& file, GrokPatterns& patterns);

/// A grok pattern as one regular expression.
struct GrokExpression {
  std::string regex = {};
  std::vector<GroupField> groups = {};
};

/// Replaces all names by what they stand for. Errors, with `place`: invalid_argument for an unknown name, patterns that
/// need each other or are nested too deep, and what would become too long.
towl::Result<GrokExpression> expand_grok(std::string_view pattern, const GrokPatterns& patterns,
                                         const std::string& place);

}  // namespace towld
