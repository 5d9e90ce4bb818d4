// JsonReader reads JSON objects into their members: the one reader of JSON.
//
// Odd members:  everything that is valid JSON is read, and an unusual value affects only its own member:
//               numbers of any size keep their digits; halves of characters (lone surrogates, as programs that cut
//               texts in UTF-16 log them) are U+FFFD in `text` and stay as they are in `json`; of members with one name
//               the last counts, as in most JSON libraries.
// Hostile text: all of it is checked; size, nesting and the number of members are limited.
// Cost:         one pass with simdjson's On-Demand; nothing is allocated for a member once the memory has grown to the
//               size of the largest text; memory for texts of more than 64 KiB is given back at the next read.
// Ownership:    members are views into the reader's memory and the text, valid until the next read.
// Threads:      one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "towl/limits.hpp"
#include "towl/result.hpp"

namespace towl {

enum class JsonKind : std::uint8_t { string, number, boolean, null, array, object };

struct JsonMember {
  std::string_view name;  ///< Unescaped.
  std::string_view text;  ///< A string's text; for any other kind the same as `json`.
  std::string_view json;  ///< The value as it came, byte for byte, without space around it.
  JsonKind kind = JsonKind::null;
  bool is_exact = true;  ///< False for a string with halves of characters: `text` does not say what `json` does.
};

struct JsonLimits {
  /// Twice the largest entry: JSON makes texts longer.
  std::size_t bytes = 2 * kLargestEntryBytes;
  /// Nobody logs more in one entry; a field takes ten times the memory of the shortest member.
  std::size_t members = 4096;
};

class JsonReader {
 public:
  /// simdjson reads this many bytes after a text, whatever they are.
  static constexpr std::size_t kPaddingBytes = 64;

  explicit JsonReader(const JsonLimits& limits = {});
  JsonReader(JsonReader&&) noexcept;
  JsonReader& operator=(JsonReader&&) noexcept;
  ~JsonReader();

  /// The members of `text`, one JSON object with or without space around it, in their order.
  /// Errors: invalid_argument, entry_too_large.
  Result<std::span<const JsonMember>> read(std::string_view text);

  /// The same without a copy: kPaddingBytes after `text` may be read.
  Result<std::span<const JsonMember>> read_padded(std::string_view text);

  /// Gives memory of more than 64 KiB back; the members are gone.
  void release();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The text of `json`, a JSON string with its quotes; halves of characters become U+FFFD.
std::string unescape_json(std::string_view json);

}  // namespace towl
