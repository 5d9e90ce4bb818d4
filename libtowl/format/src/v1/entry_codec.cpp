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
  return 8 + entry.sender.size() + 8 + format_rfc3339(entry.received).length + 4 + 8 + entry.log_entry.size();
}

void encode_entry(const EntryView& entry, std::string& to) {
  OutputArchive archive(to);
  StoredEntry<std::string_view> stored{
      entry.sender, {entry.received}, static_cast<std::int32_t>(entry.log_format), entry.log_entry};
  archive(stored);
}

Decoded decode_entry(std::string_view bytes, EntryView& entry, std::size_t max_entry_bytes) {
  InputArchive archive(bytes, max_entry_bytes);
  StoredEntry<std::string_view> stored;
  archive(stored);
  if (archive.failed()) return {found_of(archive.failure()), 0};
  if (stored.sender.size() + stored.log_entry.size() > max_entry_bytes) return {Found::too_large, 0};
  entry = {stored.sender, stored.received.value, static_cast<LogFormat>(stored.log_format), stored.log_entry};
  return {Found::entry, archive.consumed()};
}

Decoded skip_entry(std::string_view bytes, std::size_t max_entry_bytes) {
  InputArchive archive(bytes, max_entry_bytes);
  const std::size_t sender_bytes = archive.get_string(max_entry_bytes).size();
  archive.get_string(kMaxTimeTextBytes);
  archive.get<std::int32_t>();
  const std::size_t text_bytes = archive.get_string(max_entry_bytes).size();
  if (archive.failed()) return {found_of(archive.failure()), 0};
  if (sender_bytes + text_bytes > max_entry_bytes) return {Found::too_large, 0};
  return {Found::entry, archive.consumed()};
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
