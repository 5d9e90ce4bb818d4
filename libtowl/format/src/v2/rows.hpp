// Rows: entry after entry, as they come. The layout of open files. Text: spec/format-v2.md, "Rows".
//
//   row = received sender [time] text
//   received = varint, zigzag: nanoseconds since the row before; in a frame's first row, since 1970
//   sender = varint: twice 0: that of the row before, or its length + 1; + 1 if there is a time; then its bytes
//   time   = varint, zigzag: nanoseconds since the time of the last row that has one (first: since this row's
//            `received`);
//            a row has none if its event time is `received`
//   text   = varint: bytes at its front that are those of the text before, at most kMaxSharedBytes;
//            varint: twice the length of the rest, + 1 if the log format is another one than in the row before (first:
//            than 0); then the log format as i32; the rest
//
// Why times from row to row, and not from `received`: clocks in logs tick in milliseconds or seconds, and a batch has
// one `received`. Rows of the same second take one byte, and their difference to `received` would take five. Why shared
// fronts: they cost 10 ns and make a row of a log a third to a half of one of format 1. zstd would make it smaller, but
// takes twice as long as everything else together; it is used for large frames, where it is fastest.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "towl/entry.hpp"

namespace towl::detail::v2 {

inline constexpr std::size_t kMaxSharedBytes = 4096;

/// At most this many bytes of a row are neither sender nor text.
inline constexpr std::size_t kMaxRowOverhead = 5 * 10 + 4;

/// Appends rows to a string. Begin a new one for each frame. Copyable: a copy remembers where it was.
class RowEncoder {
 public:
  void encode(const EntryView& entry, std::string& to);

 private:
  std::optional<Timestamp> time_ = {};  // of the last row that has one
  Timestamp received_ = 0;
  LogFormat format_ = LogFormat::text;
  std::size_t sender_at_ = 0;  // in the string
  std::size_t sender_bytes_ = 0;
  std::string front_ = {};  // of the text before
};

/// Reads rows one after the other. Its views point into the rows, or into the memory for texts.
class RowDecoder {
 public:
  RowDecoder() = default;
  /// `texts` has room for all texts of the rows.
  RowDecoder(std::string_view rows, std::span<char> texts) : left_(rows), texts_(texts) {}

  /// Reads the next row. False if the bytes are not a row.
  bool next(EntryView& entry);

  /// All rows were read.
  bool done() const { return left_.empty(); }

 private:
  std::string_view left_;
  std::span<char> texts_;
  std::optional<Timestamp> time_;  // of the last row that has one
  Timestamp received_ = 0;
  LogFormat format_ = LogFormat::text;
  std::string_view sender_;
  std::string_view text_;
};

}  // namespace towl::detail::v2
