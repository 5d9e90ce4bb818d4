// A signed head says what a file's first entries were when its collector signed them. A reader that has a head and the
// collector's public key sees whether a copy of the file has other entries. Text: spec/format-v2.md, "Signed heads".
//
// libtowl makes the hashes but has no ciphers: programs supply a Signer and a check.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "towl/result.hpp"
#include "towl/time.hpp"

namespace towl {

/// What a head in a file says.
struct SignedHead {
  std::uint64_t count = 0;              ///< How many entries it covers, from the first one on.
  Timestamp time = 0;                   ///< When it was signed.
  std::array<std::uint8_t, 32> root{};  ///< The Merkle tree hash of these entries.
  std::string public_key;               ///< Ed25519: 32 bytes …
  std::string signature;                ///< … and 64, of a message that has the file's UUID and ID too.
};

/// Signs heads with a key that it knows.
struct Signer {
  std::string public_key;  ///< 32 bytes.
  std::function<Result<std::string>(std::string_view message)> sign;
};

/// Whether `signature` is that of `message` by the key.
using CheckSignature =
    std::function<bool(std::string_view public_key, std::string_view message, std::string_view signature)>;

}  // namespace towl
