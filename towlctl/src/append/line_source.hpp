// LineSource cuts a file, pipe or terminal into lines, in constant memory.
//
// A line ends at '\n', which is not part of it; a '\r' before it is. What comes after the last '\n' is a line too.
// Threads: one at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "towl/result.hpp"

namespace towlctl {

struct Line {
  enum class Kind {
    line,      ///< `text` is the next line, valid until the next call.
    nothing,   ///< Nothing came in time.
    end,       ///< The input is over.
    too_long,  ///< The next line is longer than the limit; later calls say the same.
  };
  Kind kind = Kind::nothing;
  std::string_view text = {};
};

class LineSource {
 public:
  /// Opens `path`; "-" is standard input. Lines longer than `max_line_bytes` are refused.
  static towl::Result<LineSource> open(const std::string& path, std::size_t max_line_bytes);

  LineSource(LineSource&& other) noexcept;
  LineSource& operator=(LineSource&&) = delete;
  ~LineSource();

  /// The next line. Waits only if none is there yet, and `timeout` at most. Errors: io.
  towl::Result<Line> next(std::chrono::milliseconds timeout);

  /// next() will not wait: a whole line has been read already.
  bool has_line() const;

  /// As the user named it; "standard input" for "-".
  const std::string& name() const { return name_; }

  /// Number of the line that next() returned or refused, from 1.
  std::uint64_t number() const { return number_; }

 private:
  LineSource(std::string name, int descriptor, std::size_t max_line_bytes);

  towl::Result<bool> wait(std::chrono::milliseconds timeout);
  towl::Result<void> fill();
  std::string_view rest() const { return std::string_view(buffer_).substr(begin_, end_ - begin_); }

  std::string name_;
  int descriptor_;
  std::size_t max_line_bytes_;
  std::string buffer_;
  std::size_t begin_ = 0;     // of what was not returned yet
  std::size_t end_ = 0;       // of what was read
  std::size_t searched_ = 0;  // no '\n' in this many bytes from begin_ on
  bool at_end_ = false;
  std::uint64_t number_ = 0;
};

}  // namespace towlctl
