// LineReader finds the whole lines of a growing file, from an offset on, in bounded memory.
//
// A line that has no end yet is not kept: it is read again once it has one. What is kept of it is how far it was
// searched, so that a line of gigabytes is searched once, and of its text no more than `max_line_bytes` is ever read.
// NULs before a line are not part of it: they are the hole that a writer leaves if it goes on where it was before the
// file was truncated. Holes are passed over without reading them. NULs at the file's end are left: text may come there.
// Ownership: borrows the file and the buffers; the text of a line lives until the call for it returns.
// Threads:   one at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inputs/file/file_config.hpp"
#include "inputs/file/text_decoder.hpp"
#include "limits/limits.hpp"
#include "towl/result.hpp"

namespace towld {

/// A line, decoded, without its end.
struct Line {
  std::string_view text;             ///< UTF-8.
  std::uint64_t original_bytes = 0;  ///< If the text was cut: how long it is in the file. Else 0.
  std::uint64_t end = 0;             ///< The offset after its line end.
  std::uint64_t begin = 0;           ///< Where it begins.
};

/// Memory that all files of one thread share.
struct ReadBuffers {
  std::string bytes = std::string(kFileMarkBytes + kFileReadBytes, '\0');
  std::string long_line = {};
  std::string decoded = {};
  std::string head = {};  ///< What the file begins with.

  // What `bytes` has now: `got` bytes from `offset` on, at kFileMarkBytes, and `lead` before them.
  std::uint64_t offset = 0;
  std::size_t lead = 0;
  std::size_t got = 0;
  std::uint64_t reads = 0;  ///< Grows when `bytes` changes.

  std::string_view chunk() const { return std::string_view(bytes).substr(kFileMarkBytes, got); }

  /// Up to kFileMarkBytes bytes before `end`; nullopt if they are not here.
  std::optional<std::string_view> before(std::uint64_t end) const {
    if (end < offset || end > offset + got) return std::nullopt;
    const std::size_t at = kFileMarkBytes + static_cast<std::size_t>(end - offset);
    const std::size_t length = std::min(kFileMarkBytes, at - (kFileMarkBytes - lead));
    return std::string_view(bytes).substr(at - length, length);
  }

  std::size_t capacity() const { return bytes.capacity() + long_line.capacity() + decoded.capacity(); }
};

class LineReader {
 public:
  LineReader(std::size_t max_line_bytes, Encoding encoding) : max_line_bytes_(max_line_bytes), encoding_(encoding) {}

  void set_encoding(Encoding encoding) { encoding_ = encoding; }
  Encoding encoding() const { return encoding_; }

  /// Goes on at `offset`, where a line begins.
  void seek(std::uint64_t offset) {
    begin_ = searched_ = offset;
    nuls_to_ = 0;
    got_ = 0;
    long_line_.reset();
  }

  /// Where the first line begins that was not taken.
  std::uint64_t offset() const { return begin_; }
  /// How far the file was looked at.
  std::uint64_t searched() const { return searched_; }

  /// Reads on; take_lines() then has what was read, without another look at the file: between the two the caller can
  /// make sure that it still is the same file. Returns how many bytes it got. Errors: io.
  towl::Result<std::size_t> read(int descriptor, ReadBuffers& buffers);
  /// The last read came to the file's end.
  bool at_end() const { return at_end_; }

  /// Calls `take` with each whole line of what was read last.
  using Take = std::function<void(const Line&)>;
  void take_lines(ReadBuffers& buffers, const Take& take);

  /// Takes what has no line end as a line, if there is any: the file is not going to grow. To be called at its end.
  towl::Result<void> take_rest(int descriptor, std::uint64_t size, ReadBuffers& buffers, const Take& take);

 private:
  towl::Result<void> read_chunk(int descriptor, std::uint64_t offset, ReadBuffers& buffers);
  towl::Result<void> skip_nuls(int descriptor, ReadBuffers& buffers);
  towl::Result<void> read_long(int descriptor, std::uint64_t text_end, std::uint64_t end, ReadBuffers& buffers);
  void take_long(ReadBuffers& buffers, const Take& take);
  void take_one(std::string_view raw, std::uint64_t begin, ReadBuffers& buffers, const Take& take) const;

  /// A line that is longer than the buffer, of which the beginning was read.
  struct LongLine {
    std::size_t bytes = 0;  ///< In the buffer for long lines.
    std::uint64_t length = 0;
    std::uint64_t end = 0;
  };

  std::size_t max_line_bytes_;
  Encoding encoding_;
  std::uint64_t begin_ = 0;
  std::uint64_t searched_ = 0;  // no line ends between begin_ and here
  std::uint64_t nuls_to_ = 0;   // there were nothing but NULs up to here
  std::size_t got_ = 0;         // in the buffer, read at searched_
  bool at_end_ = false;
  std::optional<LongLine> long_line_;  // instead of what is in the buffer
};

/// Reads up to `bytes` at `offset`; fewer at the file's end. Errors: io.
towl::Result<std::size_t> read_at(int descriptor, char* to, std::size_t bytes, std::uint64_t offset);

}  // namespace towld
