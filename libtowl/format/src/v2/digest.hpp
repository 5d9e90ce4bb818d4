// The digest: a running hash over entries. It does not depend on the frames and columns that they are stored in.
//
// D(0) = 0; D(n + 1) = XXH3_64(text, seed = XXH3_64(sender, seed = D(n) ^ received) ^ log_format * P ^ time_offset * Q),
// with P and Q the first two of xxHash's 64-bit primes. Text: spec/format-v2.md, "Digest". XXH3 because it hashes a line in about 10 ns:
// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md. It gives no protection against deliberate collisions.
#pragma once

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstdint>

#include "towl/entry.hpp"

namespace towl::detail::v2 {

inline std::uint64_t extend_digest(std::uint64_t digest, const EntryView& entry) {
  constexpr std::uint64_t kFormatPrime = 0x9E3779B185EBCA87;
  constexpr std::uint64_t kTimePrime = 0xC2B2AE3D27D4EB4F;
  const std::uint64_t sender = XXH3_64bits_withSeed(entry.sender.data(), entry.sender.size(),
                                                    digest ^ static_cast<std::uint64_t>(entry.received));
  const auto format = static_cast<std::uint64_t>(static_cast<std::uint32_t>(entry.log_format));
  const auto offset = static_cast<std::uint64_t>(entry.time_offset);
  return XXH3_64bits_withSeed(entry.log_entry.data(), entry.log_entry.size(),
                              sender ^ (format * kFormatPrime) ^ (offset * kTimePrime));
}

}  // namespace towl::detail::v2
