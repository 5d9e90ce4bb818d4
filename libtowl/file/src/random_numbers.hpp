// Random numbers that are unique in practice, from the kernel's generator.
#pragma once

#include <cstdint>
#include <random>

#include "towl/header.hpp"

namespace towl::detail {

inline std::uint32_t random_number() {
  std::random_device random;  // The kernel's generator here.
  return static_cast<std::uint32_t>(random());
}

/// Version 4 of RFC 9562.
inline Uuid random_uuid() {
  std::random_device random;
  Uuid uuid;
  for (std::uint8_t& byte : uuid) byte = static_cast<std::uint8_t>(random());
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0F) | 0x40);
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3F) | 0x80);
  return uuid;
}

}  // namespace towl::detail
