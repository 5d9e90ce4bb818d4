#include "v1/entry_codec.hpp"

namespace towl::detail::v1 {
namespace {

// The order of an entry's fields, for reading and for writing.
template <class Strings>
struct StoredEntry {
  Strings sender;
  StoredTime received;
  std::int32_t log_format = 0;
  Strings log_entry;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(sender, received, log_format, log_entry);
  }
};

Found found_of(ReadFailure failure) {
  switch (failure) {
    case ReadFailure::none:
      return Found::entry;
    case ReadFailure::incomplete:
      return Found::incomplete;
    case ReadFailure::too_large:
      return Found::too_large;
    case ReadFailure::bad_time:
    case ReadFailure::bad_optional:
      return Found::damaged;
  }
  return Found::damaged;
}

}  // namespace

std::size_t encoded_bytes(const EntryView& entry) {
  const Timestamp fraction = entry.received % kNanosecondsPerSecond;
  const std::size_t time_bytes = fraction == 0 ? 20 : fraction % 1'000'000 == 0 ? 24 : fraction % 1'000 == 0 ? 27 : 30;
  return 8 + entry.sender.size() + 8 + time_bytes + 4 + 8 + entry.log_entry.size();
}

void EntryEncoder::encode(const EntryView& entry) {
  StoredEntry<std::string_view> stored{
      entry.sender, {entry.received}, static_cast<std::int32_t>(entry.log_format), entry.log_entry};
  archive_(stored);
}

void encode_entry(const EntryView& entry, std::string& to) { EntryEncoder(to).encode(entry); }

Decoded EntryDecoder::decode(std::string_view bytes, EntryView& entry) {
  archive_.reset(bytes);
  StoredEntry<std::string_view> stored;
  archive_(stored);
  if (archive_.failed()) return {found_of(archive_.failure()), 0};
  if (stored.sender.size() + stored.log_entry.size() > max_entry_bytes_) return {Found::too_large, 0};
  entry = {stored.sender, stored.received.value, static_cast<LogFormat>(stored.log_format), stored.log_entry};
  return {Found::entry, archive_.consumed()};
}

Decoded EntryDecoder::skip(std::string_view bytes) {
  archive_.reset(bytes);
  const std::size_t sender_bytes = archive_.get_string(max_entry_bytes_).size();
  archive_.get_string(kMaxTimeTextBytes);
  archive_.get<std::int32_t>();
  const std::size_t text_bytes = archive_.get_string(max_entry_bytes_).size();
  if (archive_.failed()) return {found_of(archive_.failure()), 0};
  if (sender_bytes + text_bytes > max_entry_bytes_) return {Found::too_large, 0};
  return {Found::entry, archive_.consumed()};
}

Decoded decode_entry(std::string_view bytes, EntryView& entry, std::size_t max_entry_bytes) {
  return EntryDecoder(max_entry_bytes).decode(bytes, entry);
}

Decoded skip_entry(std::string_view bytes, std::size_t max_entry_bytes) {
  return EntryDecoder(max_entry_bytes).skip(bytes);
}

std::string_view describe(Found found) {
  switch (found) {
    case Found::entry:
      return "a whole entry";
    case Found::incomplete:
      return "half an entry";
    case Found::too_large:
      return "an entry over the size limit, or a damaged length";
    case Found::damaged:
      return "bytes that are no entry (its time cannot be read)";
  }
  return "";
}

}  // namespace towl::detail::v1
