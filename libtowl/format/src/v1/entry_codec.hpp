// Entries of format version 1: sender, received, log_format, log_entry, back to back. Text: spec/format-v1.md.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "towl/entry.hpp"
#include "towl/limits.hpp"
#include "towl/result.hpp"
#include "v1/archive.hpp"
#include "v1/layout.hpp"

namespace towl::detail::v1 {

/// How many bytes encode_entry appends.
std::size_t encoded_bytes(const EntryView& entry);

/// Appends entries' stored bytes to a string that the caller owns. One thread at a time.
class EntryEncoder {
 public:
  explicit EntryEncoder(std::string& to) : archive_(to) {}
  void encode(const EntryView& entry);

 private:
  OutputArchive archive_;
};

/// The same for a single entry.
void encode_entry(const EntryView& entry, std::string& to);

/// What decode_entry and skip_entry found at the front of the bytes.
enum class Found {
  entry,       ///< A whole entry.
  incomplete,  ///< The beginning of an entry: more bytes may complete it.
  too_large,   ///< An entry, or a damaged length, over the limit.
  damaged,     ///< Bytes that are not an entry.
};

struct Decoded {
  Found found = Found::incomplete;
  std::size_t bytes = 0;  ///< Length of the whole entry.
};

/// Reads entries one after the other. An entry whose sender and text together are longer than `max_entry_bytes` is
/// too_large. One thread at a time.
class EntryDecoder {
 public:
  explicit EntryDecoder(std::size_t max_entry_bytes = kMaxReadEntryBytes)
      : archive_({}, max_entry_bytes), max_entry_bytes_(max_entry_bytes) {}

  /// Reads the entry at the front of `bytes` into `entry`, whose strings point into `bytes`.
  Decoded decode(std::string_view bytes, EntryView& entry);

  /// Finds the length of the entry at the front of `bytes` without looking at its time.
  Decoded skip(std::string_view bytes);

 private:
  InputArchive archive_;
  std::size_t max_entry_bytes_;
};

/// The same for a single entry.
Decoded decode_entry(std::string_view bytes, EntryView& entry, std::size_t max_entry_bytes = kMaxReadEntryBytes);
Decoded skip_entry(std::string_view bytes, std::size_t max_entry_bytes = kMaxReadEntryBytes);

/// Why an entry could not be read, for an error's message.
std::string_view describe(Found found);

}  // namespace towl::detail::v1
