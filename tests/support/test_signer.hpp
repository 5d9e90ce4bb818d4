// A signer for tests of what libtowl does with signed heads: no cipher, but as long as Ed25519, and different for each
// key and message.
#pragma once

#include <string>
#include <string_view>

#include "sha256.hpp"
#include "towl/signed_head.hpp"

namespace towl::test {

inline std::string test_signature(std::string_view key, std::string_view message) {
  std::string signature;
  for (const char* half : {"first", "second"}) {
    const auto hash = detail::sha256({half, key, message});
    signature.append(reinterpret_cast<const char*>(hash.data()), hash.size());
  }
  return signature;
}

inline Signer test_signer(char key = 'k') {
  const std::string public_key(32, key);
  return {public_key,
          [public_key](std::string_view message) { return Result<std::string>(test_signature(public_key, message)); }};
}

inline bool check_test_signature(std::string_view key, std::string_view message, std::string_view signature) {
  return signature == test_signature(key, message);
}

}  // namespace towl::test
