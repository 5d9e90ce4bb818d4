#include "v2/footer.hpp"

#include "bytes.hpp"

namespace towl::detail::v2 {
namespace {

constexpr std::size_t kEntryBytes = 56;

}  // namespace

std::string encode_directory(const Directory& directory) {
  std::string payload;
  payload.reserve(directory.size() * kEntryBytes);
  for (const DirectoryEntry& entry : directory) {
    append_little_endian(payload, entry.first);
    append_little_endian(payload, entry.offset);
    append_little_endian(payload, entry.min);
    append_little_endian(payload, entry.max);
    append_little_endian(payload, entry.event_min);
    append_little_endian(payload, entry.event_max);
    append_little_endian(payload, entry.filter_offset);
  }
  return payload;
}

std::optional<Directory> decode_directory(std::string_view payload) {
  if (payload.size() % kEntryBytes != 0) return std::nullopt;
  Directory directory;
  directory.reserve(payload.size() / kEntryBytes);
  for (const char* at = payload.data(); at != payload.data() + payload.size(); at += kEntryBytes) {
    const DirectoryEntry entry{load_little_endian<Ordinal>(at),           load_little_endian<std::uint64_t>(at + 8),
                               load_little_endian<Timestamp>(at + 16),    load_little_endian<Timestamp>(at + 24),
                               load_little_endian<Timestamp>(at + 32),    load_little_endian<Timestamp>(at + 40),
                               load_little_endian<std::uint64_t>(at + 48)};
    if (entry.offset < kDataOffset || entry.offset > kMaxFileBytes || entry.filter_offset > kMaxFileBytes) {
      return std::nullopt;
    }
    if (!directory.empty() && (entry.first <= directory.back().first || entry.offset <= directory.back().offset)) {
      return std::nullopt;
    }
    directory.push_back(entry);
  }
  return directory;
}

std::string encode_footer(const Footer& footer, std::uint32_t tag) {
  std::string payload = encode_slot(footer.slot, tag);
  append_little_endian(payload, footer.directory_offset);
  payload += footer.page;
  return payload;
}

std::optional<Footer> decode_footer(std::string_view payload, std::uint32_t tag) {
  if (payload.size() != kFooterPayloadBytes) return std::nullopt;
  auto slot = decode_slot(payload.substr(0, kSlotBytes), tag);
  if (!slot) return std::nullopt;
  return Footer{.slot = std::move(*slot),
                .directory_offset = load_little_endian<std::uint64_t>(payload.data() + kSlotBytes),
                .page = std::string(payload.substr(kSlotBytes + 8))};
}

}  // namespace towl::detail::v2
