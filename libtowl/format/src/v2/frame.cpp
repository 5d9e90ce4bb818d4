#include "v2/frame.hpp"

#include <cassert>

#include "bytes.hpp"
#include "crc32c.hpp"
#include "v2/positions.hpp"

namespace towl::detail::v2 {
namespace {

constexpr std::string_view kFrameMagic = "TWLF";
constexpr std::size_t kPreviousAt = 72;

template <class T>
void put(char* to, std::size_t at, T value) {
  store_little_endian(to + at, value);
}

template <class T>
T get(const char* from, std::size_t at) {
  return load_little_endian<T>(from + at);
}

std::uint32_t header_checksum(const char* header, std::uint32_t tag) {
  return crc32c({header + 8, kFrameHeaderBytes - 8}, tag);
}

void encode(const FrameHeader& header, char* to) {
  kFrameMagic.copy(to, kFrameMagic.size());
  put(to, 8, header.payload_checksum);
  put(to, 12, header.stored_bytes);
  put(to, 16, header.raw_bytes);
  put(to, 20, header.count);
  put(to, 24, header.first);
  put(to, 32, header.min);
  put(to, 40, header.max);
  put(to, 48, header.digest);
  put(to, 56, header.durable);
  put(to, 64, header.tag);
  put(to, 68, static_cast<std::uint8_t>(header.kind));
  put(to, 69, static_cast<std::uint8_t>(header.codec));
  put(to, 70, static_cast<std::uint8_t>(header.layout));
  put(to, 71, header.flags);
  put(to, kPreviousAt, header.previous);
  put(to, 76, header.text_bytes);
}

// What a writer never writes, checksum or not.
bool makes_sense(const FrameHeader& header) {
  if (header.kind < FrameKind::header || header.kind > FrameKind::footer || header.codec > Codec::zstd ||
      header.layout > Layout::columns || (header.flags & ~kFlagPositions) != 0) {
    return false;
  }
  const bool has_positions = header.flags != 0;
  if (has_positions && header.kind != FrameKind::data) return false;
  if (header.first > kMaxFileBytes || header.stored_bytes > kMaxFrameBytes || header.raw_bytes > kMaxFrameBytes ||
      header.text_bytes > kMaxFrameBytes ||
      (header.codec == Codec::raw && !has_positions && header.raw_bytes != header.stored_bytes)) {
    return false;
  }
  // A frame is written before it is durable: it can tell that of earlier ones alone.
  const bool holds_entries = header.kind == FrameKind::data || header.kind == FrameKind::gap;
  if (header.durable > (holds_entries ? header.first : kMaxFileBytes)) return false;
  if (header.kind == FrameKind::data) {
    return header.count > 0 && header.count <= kMaxFrameEntries && header.layout != Layout::none;
  }
  if (header.layout != Layout::none) return false;
  return header.kind != FrameKind::gap || (header.stored_bytes == 0 && header.count > 0);
}

}  // namespace

FrameHeader append_frame(FrameHeader header, std::string_view payload, std::string& to) {
  assert(payload.size() <= kMaxFrameBytes);
  const std::size_t at = to.size();
  header.stored_bytes = static_cast<std::uint32_t>(payload.size());
  header.payload_checksum = crc32c(payload, header.tag);
  to.resize(at + kFrameHeaderBytes);
  to.append(payload);
  to.resize(at + static_cast<std::size_t>(header.bytes()));
  char* bytes = to.data() + at;
  encode(header, bytes);
  header.header_checksum = header_checksum(bytes, header.tag);
  put(bytes, 4, header.header_checksum);
  return header;
}

FrameFound read_frame_header(std::string_view bytes, std::uint32_t tag, FrameHeader& header) {
  const std::size_t looked_at = std::min(bytes.size(), kFrameMagic.size());
  if (bytes.substr(0, looked_at) != kFrameMagic.substr(0, looked_at)) return FrameFound::damaged;
  if (bytes.size() < kFrameHeaderBytes) return FrameFound::incomplete;
  const char* from = bytes.data();
  header.header_checksum = get<std::uint32_t>(from, 4);
  header.tag = get<std::uint32_t>(from, 64);
  if (header.header_checksum != header_checksum(from, tag) || header.tag != tag) return FrameFound::damaged;
  header.payload_checksum = get<std::uint32_t>(from, 8);
  header.stored_bytes = get<std::uint32_t>(from, 12);
  header.raw_bytes = get<std::uint32_t>(from, 16);
  header.count = get<std::uint32_t>(from, 20);
  header.first = get<Ordinal>(from, 24);
  header.min = get<Timestamp>(from, 32);
  header.max = get<Timestamp>(from, 40);
  header.digest = get<std::uint64_t>(from, 48);
  header.durable = get<Ordinal>(from, 56);
  header.kind = static_cast<FrameKind>(get<std::uint8_t>(from, 68));
  header.codec = static_cast<Codec>(get<std::uint8_t>(from, 69));
  header.layout = static_cast<Layout>(get<std::uint8_t>(from, 70));
  header.flags = get<std::uint8_t>(from, 71);
  header.previous = get<std::uint32_t>(from, kPreviousAt);
  header.text_bytes = get<std::uint32_t>(from, 76);
  return makes_sense(header) ? FrameFound::frame : FrameFound::damaged;
}

FrameFound check_payload(std::string_view bytes, const FrameHeader& header) {
  if (bytes.size() < header.bytes()) return FrameFound::incomplete;
  const std::string_view padding =
      bytes.substr(kFrameHeaderBytes + header.stored_bytes, aligned(header.stored_bytes) - header.stored_bytes);
  if (padding.find_first_not_of('\0') != std::string_view::npos) return FrameFound::damaged;
  return crc32c(payload_of(bytes, header), header.tag) == header.payload_checksum ? FrameFound::frame
                                                                                  : FrameFound::damaged;
}

std::uint32_t relink_frame(char* frame, std::uint32_t previous, std::uint32_t tag) {
  put(frame, kPreviousAt, previous);
  const std::uint32_t checksum = header_checksum(frame, tag);
  put(frame, 4, checksum);
  return checksum;
}

}  // namespace towl::detail::v2
