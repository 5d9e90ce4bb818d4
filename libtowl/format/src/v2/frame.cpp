#include "v2/frame.hpp"

#include <algorithm>
#include <cassert>

#include "bytes.hpp"
#include "crc32c.hpp"

namespace towl::detail::v2 {
namespace {

constexpr std::size_t kDurableAt = 72;
constexpr std::size_t kFrameTagAt = 80;
constexpr std::size_t kPreviousAt = 88;
constexpr std::size_t kLifeAt = 96;

// Positions have their own part of the header, which the header checksum does not cover.
constexpr std::size_t kPositionsAt = 104;
constexpr std::size_t kPositionsEnd = kFrameHeaderBytes - 4;  // where the checksum of that part is
constexpr std::uint32_t kPositionsLeftOut = 1;

template <class T>
void put(char* to, std::size_t at, T value) {
  store_little_endian(to + at, value);
}

template <class T>
T get(const char* from, std::size_t at) {
  return load_little_endian<T>(from + at);
}

std::uint32_t header_checksum(const char* header, std::uint32_t tag) {
  return crc32c({header + 8, kPositionsAt - 8}, tag);
}

// Seeded with the header checksum, so it belongs to this frame.
std::uint32_t positions_part_checksum(const char* header) {
  return crc32c({header + kPositionsAt, kPositionsEnd - kPositionsAt}, get<std::uint32_t>(header, 4));
}

std::uint32_t set_checksums(char* header, std::uint32_t tag) {
  const std::uint32_t checksum = header_checksum(header, tag);
  put(header, 4, checksum);
  put(header, kPositionsEnd, positions_part_checksum(header));
  return checksum;
}

void encode_positions_part(const FrameHeader& header, char* to) {
  put(to, kPositionsAt, header.positions_bytes);
  put(to, kPositionsAt + 4, header.positions_left_out ? kPositionsLeftOut : std::uint32_t{0});
  put(to, kPositionsAt + 8, header.positions_checksum);
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
  put(to, 48, header.event_min);
  put(to, 56, header.event_max);
  put(to, 64, header.digest);
  put(to, kDurableAt, header.durable);
  put(to, kFrameTagAt, header.tag);
  put(to, 84, static_cast<std::uint8_t>(header.kind));
  put(to, 85, static_cast<std::uint8_t>(header.codec));
  put(to, 86, static_cast<std::uint8_t>(header.layout));
  put(to, 87, static_cast<std::uint8_t>(header.reason));
  put(to, kPreviousAt, header.previous);
  put(to, 92, header.text_bytes);
  put(to, kLifeAt, header.life.number);
  put(to, kLifeAt + 4, header.life.random);
  encode_positions_part(header, to);
}

void decode(const char* from, FrameHeader& header) {
  header.payload_checksum = get<std::uint32_t>(from, 8);
  header.stored_bytes = get<std::uint32_t>(from, 12);
  header.raw_bytes = get<std::uint32_t>(from, 16);
  header.count = get<std::uint32_t>(from, 20);
  header.first = get<Ordinal>(from, 24);
  header.min = get<Timestamp>(from, 32);
  header.max = get<Timestamp>(from, 40);
  header.event_min = get<Timestamp>(from, 48);
  header.event_max = get<Timestamp>(from, 56);
  header.digest = get<std::uint64_t>(from, 64);
  header.durable = get<Ordinal>(from, kDurableAt);
  header.kind = static_cast<FrameKind>(get<std::uint8_t>(from, 84));
  header.codec = static_cast<Codec>(get<std::uint8_t>(from, 85));
  header.layout = static_cast<Layout>(get<std::uint8_t>(from, 86));
  header.reason = static_cast<GapReason>(get<std::uint8_t>(from, 87));
  header.previous = get<std::uint32_t>(from, kPreviousAt);
  header.text_bytes = get<std::uint32_t>(from, 92);
  header.life = {get<std::uint32_t>(from, kLifeAt), get<std::uint32_t>(from, kLifeAt + 4)};
  header.positions_bytes = get<std::uint32_t>(from, kPositionsAt);
  header.positions_left_out = get<std::uint32_t>(from, kPositionsAt + 4) == kPositionsLeftOut;
  header.positions_checksum = get<std::uint32_t>(from, kPositionsAt + 8);
}

// What a writer never writes, checksum or not.
bool makes_sense(const FrameHeader& header) {
  if (!makes_sense(header.life)) return false;
  if (header.first > kMaxFileBytes || header.stored_bytes > kMaxFrameBytes || header.raw_bytes > kMaxFrameBytes ||
      header.text_bytes > kMaxFrameBytes || header.positions_bytes > kMaxPositionsBytes) {
    return false;
  }
  // A frame is written before it is durable: it can only say that earlier ones are.
  if (header.durable > (holds_entries(header.kind) ? header.first : kMaxFileBytes)) return false;
  const bool has_positions = header.positions_bytes > 0 || header.positions_left_out;
  if (has_positions && !holds_entries(header.kind)) return false;
  if (header.kind > FrameKind::head) return header.count == 0;
  if (header.kind < FrameKind::header || header.codec > Codec::zstd || header.layout > Layout::columns ||
      (header.codec == Codec::raw && header.raw_bytes != header.stored_bytes)) {
    return false;
  }
  if (header.reason != GapReason::damage && header.kind != FrameKind::gap) return false;
  if (header.kind == FrameKind::data) {
    return header.count > 0 && header.count <= kMaxFrameEntries && header.layout != Layout::none;
  }
  if (header.layout != Layout::none) return false;
  return header.kind == FrameKind::gap ? header.stored_bytes == 0 && header.count > 0 : header.count == 0;
}

bool is_zeros(std::string_view bytes) { return bytes.find_first_not_of('\0') == std::string_view::npos; }

// The bytes that pad a part of the frame that begins at `at` and has so many bytes.
std::string_view padding(std::string_view frame, std::uint64_t at, std::uint32_t bytes) {
  return frame.substr(static_cast<std::size_t>(at + bytes), static_cast<std::size_t>(aligned(bytes) - bytes));
}

}  // namespace

FrameHeader append_frame(FrameHeader header, std::string_view payload, std::string& to, std::string_view positions) {
  assert(payload.size() <= kMaxFrameBytes && positions.size() <= kMaxPositionsBytes);
  const std::size_t at = to.size();
  header.stored_bytes = static_cast<std::uint32_t>(payload.size());
  header.payload_checksum = crc32c(payload, header.tag);
  header.positions_bytes = static_cast<std::uint32_t>(positions.size());
  header.positions_checksum = positions.empty() ? 0 : crc32c(positions, header.tag);
  to.resize(at + kFrameHeaderBytes);
  to.append(payload);
  to.resize(at + static_cast<std::size_t>(header.positions_at()));
  to.append(positions);
  to.resize(at + static_cast<std::size_t>(header.bytes()));
  char* bytes = to.data() + at;
  encode(header, bytes);
  header.header_checksum = set_checksums(bytes, header.tag);
  return header;
}

FrameFound read_frame_header(std::string_view bytes, std::uint32_t tag, FrameHeader& header) {
  const std::size_t looked_at = std::min(bytes.size(), kFrameMagic.size());
  if (bytes.substr(0, looked_at) != kFrameMagic.substr(0, looked_at)) return FrameFound::damaged;
  if (bytes.size() < kFrameHeaderBytes) return FrameFound::incomplete;
  const char* from = bytes.data();
  header.header_checksum = get<std::uint32_t>(from, 4);
  header.tag = get<std::uint32_t>(from, kFrameTagAt);
  if (header.header_checksum != header_checksum(from, tag) || header.tag != tag ||
      get<std::uint32_t>(from, kPositionsEnd) != positions_part_checksum(from) ||
      get<std::uint32_t>(from, kPositionsAt + 4) > kPositionsLeftOut) {
    return FrameFound::damaged;
  }
  decode(from, header);
  return makes_sense(header) ? FrameFound::frame : FrameFound::damaged;
}

std::optional<std::uint32_t> read_frame_tag(std::string_view bytes) {
  if (bytes.size() < kFrameHeaderBytes) return std::nullopt;
  const auto tag = get<std::uint32_t>(bytes.data(), kFrameTagAt);
  FrameHeader header;
  if (read_frame_header(bytes, tag, header) != FrameFound::frame) return std::nullopt;
  return tag;
}

FrameFound check_payload(std::string_view bytes, const FrameHeader& header) {
  if (bytes.size() < header.bytes()) return FrameFound::incomplete;
  if (!is_zeros(padding(bytes, kFrameHeaderBytes, header.stored_bytes))) return FrameFound::damaged;
  return crc32c(payload_of(bytes, header), header.tag) == header.payload_checksum ? FrameFound::frame
                                                                                  : FrameFound::damaged;
}

bool check_positions(std::string_view frame, const FrameHeader& header) {
  if (header.positions_bytes == 0) return true;
  const auto at = static_cast<std::size_t>(header.positions_at());
  if (header.positions_left_out) return is_zeros(frame.substr(at, static_cast<std::size_t>(header.bytes()) - at));
  return is_zeros(padding(frame, at, header.positions_bytes)) &&
         crc32c(positions_of(frame, header), header.tag) == header.positions_checksum;
}

std::uint32_t relink_frame(char* frame, const FrameLink& link, std::uint32_t tag) {
  put(frame, kPreviousAt, link.previous);
  put(frame, kDurableAt, std::min(get<Ordinal>(frame, kDurableAt), link.durable));
  put(frame, kLifeAt, link.life.number);
  put(frame, kLifeAt + 4, link.life.random);
  return set_checksums(frame, tag);
}

void leave_out_positions(char* frame, const FrameHeader& header) {
  if (header.positions_bytes == 0) return;
  FrameHeader without = header;
  without.positions_left_out = true;
  without.positions_checksum = 0;
  std::fill(frame + header.positions_at(), frame + header.bytes(), '\0');
  encode_positions_part(without, frame);
  put(frame, kPositionsEnd, positions_part_checksum(frame));
}

}  // namespace towl::detail::v2
