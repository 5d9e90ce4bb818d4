// JsonMembers reads one JSON object into a draft: members that everybody's logs have become what they mean, all others
// are kept as fields.
//
//     message, msg, MESSAGE              the text
//     level, severity, priority          PRIORITY, where it is a known name or number (parse/level.hpp)
//     timestamp, time, @timestamp, ts    the event time, where it is RFC 3339 or a number since the epoch: seconds,
//                                        milliseconds, microseconds or nanoseconds, told apart by size
//     sender, host, hostname             the sender, where it is a string of at most 255 bytes
//
// What cannot be understood so is kept as a field. Of several members for the same thing one wins, the others are kept
// as fields: MESSAGE before message before msg, sender before hostname before host, else the first. Of two members with
// one name the last is kept (as most JSON libraries do).
//
// Strings become fields by their value; numbers, true, null, arrays and objects keep their JSON text as it came, so
// that no digit is lost. The text is hostile: all of it is checked, nesting and the number of members are limited.
// Threads: one at a time. Holds the JSON library's memory, which grows to the largest text read so far.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "parse/draft.hpp"
#include "towl/result.hpp"

namespace towld {

/// Nobody logs more in one entry; a field takes ten times the memory of the shortest member.
inline constexpr std::size_t kMaxJsonMembers = 4096;
inline constexpr std::size_t kMaxJsonSenderBytes = 255;

/// Of one object's text: twice the largest entry. Reading takes about five times as much memory.
inline constexpr std::size_t kMaxJsonObjectBytes = std::size_t{2} << 20;

/// The JSON library reads so many bytes behind a text, whatever they are.
inline constexpr std::size_t kJsonPaddingBytes = 64;

class JsonMembers {
 public:
  JsonMembers();
  JsonMembers(JsonMembers&&) noexcept;
  JsonMembers& operator=(JsonMembers&&) noexcept;
  ~JsonMembers();

  /// Reads `text`, one JSON object with or without space around it, into `draft`, whose `received` and `sender` stay as
  /// they are where the object names none. After an error the draft is of no use. Errors: invalid_argument,
  /// entry_too_large.
  towl::Result<void> read(std::string_view text, Draft& draft);

  /// The same without a copy, where at least kJsonPaddingBytes behind `text` may be read.
  towl::Result<void> read_padded(std::string_view text, Draft& draft);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace towld
