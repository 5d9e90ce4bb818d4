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

/// The `bytes` (1 to 8) at `at` in one word: different ones of one length give different words.
inline std::uint64_t short_word(const char* at, std::size_t bytes) {
  if (bytes < 4) {
    const auto byte = [at](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(at[i])}; };
    return byte(0) | byte(bytes / 2) << 8 | byte(bytes - 1) << 16;
  }
  std::uint32_t front = 0;
  std::uint32_t back = 0;
  std::memcpy(&front, at, sizeof front);
  std::memcpy(&back, at + bytes - sizeof back, sizeof back);
  return front | std::uint64_t{back} << 32;
}

/// `hash` continued with `bytes`.
inline std::uint64_t hash_bytes(std::uint64_t hash, std::string_view bytes) {
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  hash = mix(hash, left);
  for (; left > 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    hash = mix(hash, word);
  }
  return left == 0 ? hash : mix(hash, short_word(at, left));
}

/// a == b, quick for the short texts that values and literals are.
inline bool same_bytes(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const std::size_t size = a.size();
  if (size > 16) return std::memcmp(a.data(), b.data(), size) == 0;
  if (size > 8) {
    return short_word(a.data(), 8) == short_word(b.data(), 8) &&
           short_word(a.data() + size - 8, 8) == short_word(b.data() + size - 8, 8);
  }
  return size == 0 || short_word(a.data(), size) == short_word(b.data(), size);
}

}  // namespace towl::detail::v2
