// CRC32C, the Castagnoli polynomial 0x1EDC6F41, as in iSCSI (RFC 3720, appendix B.4): by the processor's own
// instruction if it has one (SSE 4.2, ARMv8), otherwise by table.
#pragma once

#include <cstdint>
#include <string_view>

namespace towl::detail {

/// The checksum of `bytes`; `seed` is the checksum of what comes before them.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);

/// The same by table, on any machine. For the tests.
std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t seed = 0);

}  // namespace towl::detail
