#include "v2/positions.hpp"

#include <algorithm>

#include "bytes.hpp"
#include "v2/varint.hpp"

namespace towl::detail::v2 {
namespace {

/// The part's length stands behind it, so that it is found from the payload's end.
constexpr std::size_t kLengthBytes = 4;

std::size_t varint_bytes(std::uint64_t value) {
  std::size_t bytes = 1;
  for (; value >= 0x80; value >>= 7) ++bytes;
  return bytes;
}

void append_text(std::string_view text, std::string& to) {
  put_varint(to, text.size());
  to += text;
}

}  // namespace

std::size_t positions_bytes(std::span<const SourcePosition> positions) {
  std::size_t bytes = kLengthBytes;
  for (const SourcePosition& position : positions) {
    bytes += varint_bytes(position.source.size()) + position.source.size() + varint_bytes(position.position.size()) +
             position.position.size();
  }
  return bytes;
}

void append_positions(std::span<const SourcePosition> positions, std::string& to) {
  const std::size_t begin = to.size();
  for (const SourcePosition& position : positions) {
    append_text(position.source, to);
    append_text(position.position, to);
  }
  const auto length = static_cast<std::uint32_t>(to.size() - begin);
  to.resize(to.size() + kLengthBytes);
  store_little_endian(to.data() + to.size() - kLengthBytes, length);
}

bool split_payload(const FrameHeader& header, std::string_view payload, PayloadParts& parts) {
  parts = {payload, {}};
  if ((header.flags & kFlagPositions) != 0) {
    if (payload.size() < kLengthBytes) return false;
    const auto length = load_little_endian<std::uint32_t>(payload.data() + payload.size() - kLengthBytes);
    payload.remove_suffix(kLengthBytes);
    if (length > payload.size() || length > kMaxPositionsBytes || length == 0) return false;
    parts.positions = payload.substr(payload.size() - length);
    payload.remove_suffix(length);
    parts.entries = payload;
  }
  return header.codec != Codec::raw || parts.entries.size() == header.raw_bytes;
}

bool read_positions(std::string_view part, std::vector<SourcePosition>& positions) {
  ByteReader reader(part);
  while (reader.ok() && !reader.at_end()) {
    const std::string_view source = reader.take(reader.varint_up_to(part.size()));
    const std::string_view position = reader.take(reader.varint_up_to(part.size()));
    if (!reader.ok() || source.empty()) return false;
    positions.push_back({std::string(source), std::string(position)});
  }
  return reader.ok();
}

}  // namespace towl::detail::v2
