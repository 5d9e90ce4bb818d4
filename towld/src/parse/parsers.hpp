// The parsers, one a file. What each does and its settings are told in README.md; parsers.hpp and make_parsers.cpp are
// the only places that know them all.
//
// All: a draft that is not what the parser is for stays as it is, and the outcome is `failed`.
// Threads: any; parsers do not change.
// Errors of all: invalid_argument, with the place in the configuration.
#pragma once

#include <memory>

#include "config/parser_config.hpp"
#include "parse/parser_chain.hpp"
#include "towl/result.hpp"

namespace towld {

using MadeParser = towl::Result<std::unique_ptr<const Parser>>;

/// The members of a JSON object become fields, nested ones as JSON.
MadeParser make_json_parser(const ParserConfig& config);

/// key=value key="quoted value" key
MadeParser make_logfmt_parser(const ParserConfig& config);

/// Named groups become fields.
MadeParser make_regex_parser(const ParserConfig& config);

/// The same with patterns that have names: %{IP:client}.
MadeParser make_grok_parser(const ParserConfig& config);

/// An access log as Apache and nginx write it: common and combined.
MadeParser make_access_log_parser(const ParserConfig& config);

/// Sets the entry's time.
MadeParser make_syslog_parser(const ParserConfig& config);
MadeParser make_timestamp_parser(const ParserConfig& config);

/// Sets PRIORITY.
MadeParser make_level_parser(const ParserConfig& config);

/// Drops what matches, or what does not.
MadeParser make_filter_parser(const ParserConfig& config);

/// add, rename, remove.
MadeParser make_fields_parser(const ParserConfig& config);

/// Replaces what matches.
MadeParser make_redact_parser(const ParserConfig& config);

}  // namespace towld
