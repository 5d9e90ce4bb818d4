#include "access/token.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <cassert>
#include <cerrno>
#include <cstdint>
#include <fstream>

namespace towld {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBlanks = " \t\r\n";

}  // namespace

towl::Result<std::string> make_token() {
  TokenHash bits{};
  if (RAND_bytes(bits.data(), static_cast<int>(bits.size())) != 1) {
    return towl::fail(towl::ErrorCode::io, "the system gives no random numbers");
  }
  std::string token(kTokenPrefix);
  std::uint32_t pending = 0;
  int count = 0;
  for (const unsigned char byte : bits) {
    pending = pending << 8 | byte;
    for (count += 8; count >= 6; count -= 6) token += kDigits[pending >> (count - 6) & 63];
  }
  token += kDigits[pending << (6 - count) & 63];
  return token;
}

bool is_token(std::string_view text) {
  return text.size() == kTokenCharacters && text.starts_with(kTokenPrefix) &&
         text.find_first_not_of(kDigits, kTokenPrefix.size()) == std::string_view::npos;
}

TokenHasher::TokenHasher() : sha256_(EVP_MD_fetch(nullptr, "SHA256", nullptr), &EVP_MD_free) {}

TokenHash TokenHasher::operator()(std::string_view token) const {
  TokenHash hash{};
  [[maybe_unused]] const int done =
      EVP_Digest(token.data(), token.size(), hash.data(), nullptr, sha256_.get(), nullptr);
  assert(done == 1);
  return hash;
}

bool same_hash(const TokenHash& a, const TokenHash& b) { return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

std::string to_hex(const TokenHash& hash) {
  std::string text;
  for (const unsigned char byte : hash) {
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

std::optional<TokenHash> hash_of_hex(std::string_view text) {
  TokenHash hash{};
  if (text.size() != 2 * hash.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = kHex.find(text[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    hash[i / 2] = static_cast<unsigned char>(static_cast<std::size_t>(hash[i / 2]) << 4 | digit);
  }
  return hash;
}

towl::Result<std::string> read_token_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return towl::fail(towl::error_from_errno(errno, "cannot read the token", path));
  std::string text(4 * kTokenCharacters, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  text.erase(text.find_last_not_of(kBlanks) + 1);
  text.erase(0, text.find_first_not_of(kBlanks));
  if (text.empty()) return towl::fail(towl::ErrorCode::invalid_argument, "the file of the token is empty", path);
  if (!is_token(text)) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "what is in it is no token: it must be what `towld token create` printed, and nothing else",
                      path);
  }
  return text;
}

}  // namespace towld
