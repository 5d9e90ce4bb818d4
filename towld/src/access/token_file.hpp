// The file of the tokens: a line each, one JSON object with the token's SHA-256, never the token.
//
//     {"name":"web-7","scopes":["ingest"],"sha256":"…","created":"2026-01-17T14:30:00Z"}
//
// also `orgs` and `titles`, lists, for a token that is for some files only. Blank lines and those that begin with # are
// ignored. It is replaced as a whole, by rename, so that a collector that looks at it never sees half of it. If two
// programs write it at the same time, the last one wins.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "access/grant.hpp"
#include "access/token.hpp"
#include "towl/result.hpp"

namespace towld {

struct TokenRecord {
  std::string name = {};  ///< Unique; 1 to 64 printable characters without blanks, the first one no @.
  std::vector<Scope> scopes = {};
  std::vector<std::string> orgs = {};
  std::vector<std::string> titles = {};
  TokenHash hash = {};
  std::string created = {};  ///< RFC 3339.

  friend bool operator==(const TokenRecord&, const TokenRecord&) = default;
};

/// Whether a token may have this name.
bool is_token_name(std::string_view name);

/// Errors: invalid_argument with the line as "NAME:LINE", for anything that is not as above, for a name or hash that is
/// there twice, and for more than kMaxTokens.
towl::Result<std::vector<TokenRecord>> parse_tokens(std::string_view text, const std::string& name);

std::string format_tokens(const std::vector<TokenRecord>& tokens);

/// Errors: not_found, permission_denied, io; those of parse_tokens().
towl::Result<std::vector<TokenRecord>> read_token_records(const std::filesystem::path& file);

/// Replaces the file, mode 0640, with the owner and group that it had; a new one gets its folder's, so that a collector
/// under a user of its own can read what root writes. Errors: permission_denied, no_space, io.
towl::Result<void> write_token_records(const std::filesystem::path& file, const std::vector<TokenRecord>& tokens);

}  // namespace towld
