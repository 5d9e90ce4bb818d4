// make_parsers makes an input's chain of parsers from its configuration.
#pragma once

#include <span>

#include "config/parser_config.hpp"
#include "parse/parser_chain.hpp"
#include "towl/result.hpp"

namespace towld {

/// Errors: invalid_argument with the place in the configuration: a pattern that cannot be used, an unknown time zone;
/// not_found, permission_denied, io: a patterns_file that cannot be read.
towl::Result<ParserChain> make_parsers(std::span<const ParserConfig> configs);

}  // namespace towld
