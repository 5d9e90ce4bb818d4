// A fast hash for tables that live while a frame is encoded. It is never stored; a collision costs only a comparison.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace towl::detail::v2 {

constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0x9E3779B97F4A7C15U;
  return hash ^ (hash >> 29);
}

/// `hash` continued with `bytes`.
inline std::uint64_t hash_bytes(std::uint64_t hash, std::string_view bytes) {
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  hash = mix(hash, left);
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    hash = mix(hash, word);
  }
  if (left != 0) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, left);
    hash = mix(hash, word);
  }
  return hash;
}

}  // namespace towl::detail::v2
