#include "v2/positions.hpp"

#include "v2/varint.hpp"

namespace towl::detail::v2 {
namespace {

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
  std::size_t bytes = 0;
  for (const SourcePosition& position : positions) {
    bytes += varint_bytes(position.source.size()) + position.source.size() + varint_bytes(position.position.size()) +
             position.position.size();
  }
  return bytes;
}

void append_positions(std::span<const SourcePosition> positions, std::string& to) {
  for (const SourcePosition& position : positions) {
    append_text(position.source, to);
    append_text(position.position, to);
  }
}

bool read_positions(std::string_view section, std::vector<SourcePosition>& positions) {
  ByteReader reader(section);
  while (reader.ok() && !reader.at_end()) {
    const std::string_view source = reader.take(reader.varint_up_to(section.size()));
    const std::string_view position = reader.take(reader.varint_up_to(section.size()));
    if (!reader.ok() || source.empty()) return false;
    positions.push_back({std::string(source), std::string(position)});
  }
  return reader.ok();
}

}  // namespace towl::detail::v2
