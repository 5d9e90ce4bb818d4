// What encoder and decoder of payloads agree on besides sections.
#pragma once

namespace towl::detail::v2 {

/// The first byte of a payload.
inline constexpr unsigned kPayloadVersion = 1;

}  // namespace towl::detail::v2
