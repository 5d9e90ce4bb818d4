// Tokens: 256 random bits, written "towl_" and 43 characters of base64url (RFC 4648, 5). What is kept of one is its
// SHA-256: there is nothing to guess in it, so a slow hash would gain nothing.
//
// Any thread.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "towl/result.hpp"

namespace towld {

inline constexpr std::string_view kTokenPrefix = "towl_";
inline constexpr std::size_t kTokenCharacters = 48;

using TokenHash = std::array<unsigned char, 32>;

/// A new one. Errors: io, if the system has no random numbers.
towl::Result<std::string> make_token();

/// It has the shape of a token.
bool is_token(std::string_view text);

/// Hashes tokens, and any text that is given as one, of any length.
class TokenHasher {
 public:
  TokenHasher();
  TokenHash operator()(std::string_view token) const;

 private:
  std::unique_ptr<EVP_MD, void (*)(EVP_MD*)> sha256_;  // looked up once: a look-up costs more than a hash
};

/// Takes the same time whatever differs.
bool same_hash(const TokenHash& a, const TokenHash& b);

/// 64 hexadecimal digits, and back.
std::string to_hex(const TokenHash& hash);
std::optional<TokenHash> hash_of_hex(std::string_view text);

/// The token in the file at `path`: its only word. Errors: those of reading; invalid_argument for a file that is empty
/// or has something else in it. The message never has what was read.
towl::Result<std::string> read_token_file(const std::string& path);

}  // namespace towld
