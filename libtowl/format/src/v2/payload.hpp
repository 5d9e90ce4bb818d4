// What the encoder and the decoder of payloads agree on, in addition to sections.
#pragma once

#include <cstdint>

namespace towl::detail::v2 {

/// The first byte of a payload. Version 1, which had other dictionaries, was never released.
inline constexpr unsigned kPayloadVersion = 2;

/// How a payload has the event times of its entries; a byte in the envelope.
enum class EventTimes : unsigned {
  received = 0,  ///< They are the received times: nothing follows.
  offsets = 1,   ///< Their differences to the received times follow …
  times = 2,     ///< … or the times themselves, which is smaller if a log's clock ticks in seconds.
};

/// Memory for frames of more bytes than this is not kept for the next one.
inline constexpr std::uint64_t kMaxKeptFrameBytes = std::uint64_t{8} << 20;

}  // namespace towl::detail::v2
