// Fixed-width little-endian integers in byte buffers, on any machine.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <string>
#include <type_traits>

namespace towl::detail {

template <std::integral T>
constexpr T swap_bytes(T value) {
  using Unsigned = std::make_unsigned_t<T>;
  auto from = static_cast<Unsigned>(value);
  Unsigned to = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    to = static_cast<Unsigned>((to << 8) | (from & 0xFF));
    from = static_cast<Unsigned>(from >> 8);
  }
  return static_cast<T>(to);
}

template <std::integral T>
constexpr T to_little_endian(T value) {
  if constexpr (std::endian::native == std::endian::little || sizeof(T) == 1) {
    return value;
  } else {
    return swap_bytes(value);
  }
}

/// Reads a T from the sizeof(T) bytes at `from`, which need no alignment.
template <std::integral T>
T load_little_endian(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return to_little_endian(value);
}

/// Writes `value` to the sizeof(T) bytes at `to`.
template <std::integral T>
void store_little_endian(char* to, T value) {
  value = to_little_endian(value);
  std::memcpy(to, &value, sizeof value);
}

/// Appends `value` to `to`.
template <std::integral T>
void append_little_endian(std::string& to, T value) {
  char bytes[sizeof(T)];
  store_little_endian(bytes, value);
  to.append(bytes, sizeof bytes);
}

}  // namespace towl::detail
