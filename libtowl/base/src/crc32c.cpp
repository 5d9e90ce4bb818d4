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

// What following bytes make of a checksum is linear: a matrix that says what becomes of each bit.
using Matrix = std::array<std::uint32_t, 32>;

constexpr std::uint32_t product(const Matrix& matrix, std::uint32_t value) {
  std::uint32_t sum = 0;
  for (std::size_t bit = 0; value != 0; ++bit, value >>= 1) sum ^= (value & 1) != 0 ? matrix[bit] : 0;
  return sum;
}

/// What 2^k following zero bits make of each byte of a checksum.
class ZerosAfter {
 public:
  constexpr explicit ZerosAfter(int k) {
    Matrix matrix{kReversedPolynomial};
    for (std::size_t bit = 1; bit < 32; ++bit) matrix[bit] = std::uint32_t{1} << (bit - 1);
    for (; k > 0; --k) {
      Matrix square{};
      for (std::size_t bit = 0; bit < 32; ++bit) square[bit] = product(matrix, matrix[bit]);
      matrix = square;
    }
    for (std::size_t at = 0; at < 4; ++at) {
      for (std::uint32_t byte = 0; byte < 256; ++byte) bytes_[at][byte] = product(matrix, byte << (8 * at));
    }
  }

  std::uint32_t operator()(std::uint32_t value) const {
    return bytes_[0][value & 0xFF] ^ bytes_[1][(value >> 8) & 0xFF] ^ bytes_[2][(value >> 16) & 0xFF] ^
           bytes_[3][value >> 24];
  }

 private:
  std::array<std::array<std::uint32_t, 256>, 4> bytes_{};
};

#if defined(__x86_64__)
#define TOWL_HAS_CRC32C_INSTRUCTION __attribute__((target("sse4.2")))
TOWL_HAS_CRC32C_INSTRUCTION inline std::uint32_t next_8(std::uint32_t value, const char* bytes) {
  return static_cast<std::uint32_t>(_mm_crc32_u64(value, load_little_endian<std::uint64_t>(bytes)));
}
TOWL_HAS_CRC32C_INSTRUCTION inline std::uint32_t next_1(std::uint32_t value, char byte) {
  return _mm_crc32_u8(value, static_cast<unsigned char>(byte));
}
#elif defined(__ARM_FEATURE_CRC32)
#define TOWL_HAS_CRC32C_INSTRUCTION
inline std::uint32_t next_8(std::uint32_t value, const char* bytes) {
  return __crc32cd(value, load_little_endian<std::uint64_t>(bytes));
}
inline std::uint32_t next_1(std::uint32_t value, char byte) {
  return __crc32cb(value, static_cast<unsigned char>(byte));
}
#endif

#ifdef TOWL_HAS_CRC32C_INSTRUCTION
/// The instruction takes three cycles, and another can begin in each: three lanes of so many bytes go side by side, and
/// what follows the first two is added as zeros (Gopal et al., "Fast CRC Computation for iSCSI Polynomial Using CRC32
/// Instruction", Intel 2011).
constexpr std::size_t kLaneBytes = 1024;
constexpr ZerosAfter kOneLaneAfter(13);
constexpr ZerosAfter kTwoLanesAfter(14);
static_assert(8 * kLaneBytes == 1U << 13);

TOWL_HAS_CRC32C_INSTRUCTION std::uint32_t crc32c_by_instruction(std::string_view bytes, std::uint32_t seed) {
  std::uint32_t value = ~seed;
  for (; bytes.size() >= 3 * kLaneBytes; bytes.remove_prefix(3 * kLaneBytes)) {
    std::uint32_t second = 0;
    std::uint32_t third = 0;
    for (std::size_t i = 0; i < kLaneBytes; i += 8) {
      value = next_8(value, bytes.data() + i);
      second = next_8(second, bytes.data() + kLaneBytes + i);
      third = next_8(third, bytes.data() + 2 * kLaneBytes + i);
    }
    value = kTwoLanesAfter(value) ^ kOneLaneAfter(second) ^ third;
  }
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) value = next_8(value, bytes.data());
  for (const char byte : bytes) value = next_1(value, byte);
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
