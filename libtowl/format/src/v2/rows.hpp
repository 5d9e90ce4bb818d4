// Rows: entry after entry, as they come. The layout of open files. Text: spec/format-v2.md, "Rows".
//
//   row = time sender text
//   time   = varint, zigzag: nanoseconds since the row before; in a frame's first row, since 1970
//   sender = varint 0: that of the row before; else its length + 1, and its bytes
//   text   = varint, twice its length, + 1 where the log format is another than in the row before (first: than 0);
//            then the log format as i32; its bytes
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "towl/entry.hpp"

namespace towl::detail::v2 {

/// At most this much stands in a row besides sender and text.
inline constexpr std::size_t kMaxRowOverhead = 3 * 10 + 4;

/// Appends rows to a string. Begin a new one for each frame. Copyable: a copy remembers where it was.
class RowEncoder {
 public:
  void encode(const EntryView& entry, std::string& to);

 private:
  Timestamp time_ = 0;
  LogFormat format_ = LogFormat::text;
  std::size_t sender_at_ = 0;  // in the string
  std::size_t sender_bytes_ = 0;
};

/// Reads rows one after the other. Its views point into the bytes.
class RowDecoder {
 public:
  explicit RowDecoder(std::string_view rows = {}) : left_(rows) {}

  /// Reads the next row. False where the bytes are no row.
  bool next(EntryView& entry);

  /// All rows were read.
  bool done() const { return left_.empty(); }

 private:
  std::string_view left_;
  Timestamp time_ = 0;
  LogFormat format_ = LogFormat::text;
  std::string_view sender_;
};

}  // namespace towl::detail::v2
