#include "crc32c.hpp"

#include <array>
#include <cstddef>

#include "bytes.hpp"

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

namespace towl::detail {
namespace {

constexpr std::uint32_t kReversedPolynomial = 0x82F63B78;

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? kReversedPolynomial : 0);
    table[byte] = value;
  }
  return table;
}

constexpr auto kTable = make_table();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_instruction(std::string_view bytes, std::uint32_t seed) {
  std::uint64_t value = ~seed;
  while (bytes.size() >= 8) {
    value = _mm_crc32_u64(value, load_little_endian<std::uint64_t>(bytes.data()));
    bytes.remove_prefix(8);
  }
  auto narrow = static_cast<std::uint32_t>(value);
  for (const char byte : bytes) narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(byte));
  return ~narrow;
}
#elif defined(__ARM_FEATURE_CRC32)
std::uint32_t crc32c_by_instruction(std::string_view bytes, std::uint32_t seed) {
  std::uint32_t value = ~seed;
  while (bytes.size() >= 8) {
    value = __crc32cd(value, load_little_endian<std::uint64_t>(bytes.data()));
    bytes.remove_prefix(8);
  }
  for (const char byte : bytes) value = __crc32cb(value, static_cast<unsigned char>(byte));
  return ~value;
}
#endif

}  // namespace

std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t seed) {
  std::uint32_t value = ~seed;
  for (const char byte : bytes) value = (value >> 8) ^ kTable[(value ^ static_cast<unsigned char>(byte)) & 0xFF];
  return ~value;
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) return crc32c_by_instruction(bytes, seed);
  return crc32c_by_table(bytes, seed);
#elif defined(__ARM_FEATURE_CRC32)
  return crc32c_by_instruction(bytes, seed);
#else
  return crc32c_by_table(bytes, seed);
#endif
}

}  // namespace towl::detail
