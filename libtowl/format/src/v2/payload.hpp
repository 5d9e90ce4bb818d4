// What encoder and decoder of payloads agree on besides sections.
#pragma once

#include <cstdint>

namespace towl::detail::v2 {

/// The first byte of a payload.
inline constexpr unsigned kPayloadVersion = 1;

/// What frames of more bytes than this took is not kept for the next one.
inline constexpr std::uint64_t kMaxKeptFrameBytes = std::uint64_t{8} << 20;

}  // namespace towl::detail::v2
