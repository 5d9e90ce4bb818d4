// What a configuration's parsers make of lines, without a store: `towld test`, by which people test their parsers in
// their own CI, and `towld try`, which shows what each parser does.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "parse/draft.hpp"
#include "towl/result.hpp"

namespace towld {

/// What the input makes of a text with one line or many: as it would be stored, except for time and place. `trace` gets
/// what each parser did to each line; nullptr: not wanted. Errors: those of make_parsers().
towl::Result<std::vector<Draft>> try_lines(const InputConfig& input, const std::string& text, std::ostream* trace);

/// Runs the cases of a YAML file:
///
///     cases:
///       - { name: a line of nginx, input: nginx, lines: "…", expect: [{ status: 200, MESSAGE: "…" }] }
///
/// `input` may be left out if there is one input; `lines` is a text or a list; each entry must have the fields of its
/// expectation (`sender` and `time` are fields here), and all others may have any value; with `exact: true` there must
/// be no others. A null is a field that must not be there. Prints what differs to `out`. Returns whether all cases are
/// good. Errors: invalid_argument with FILE:LINE, those of reading the file.
towl::Result<bool> run_cases(const Config& config, const std::string& file, std::ostream& out);

/// Reads lines from `in`, and prints what each of the parsers of the input called `name` does.
/// Errors: not_found: there is no such input.
towl::Result<void> try_input(const Config& config, const std::string& name, std::istream& in, std::ostream& out);

}  // namespace towld
