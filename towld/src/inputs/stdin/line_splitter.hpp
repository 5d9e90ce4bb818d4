// LineSplitter cuts a stream of bytes at its newlines, in bounded memory: of a line that is too long it keeps the
// beginning and counts the rest.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace towld {

class LineSplitter {
 public:
  explicit LineSplitter(std::size_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

  /// Calls `take(text, line_bytes)` for each line that ends in `bytes`, without its newline and a carriage return
  /// before it; `text` is shorter than `line_bytes` if the line was too long, and valid during the call.
  template <class Take>
  void add(std::string_view bytes, Take take) {
    for (;;) {
      const auto end = bytes.find('\n');
      if (end == std::string_view::npos) return keep(bytes);
      if (line_bytes_ == 0 && end <= max_line_bytes_) {
        // The usual case: the whole line is here.
        give(bytes.substr(0, end), end, take);
      } else {
        keep(bytes.substr(0, end));
        give(line_, line_bytes_, take);
        line_.clear();
        line_bytes_ = 0;
      }
      bytes.remove_prefix(end + 1);
    }
  }

  /// The same for what came after the last newline.
  template <class Take>
  void finish(Take take) {
    if (line_bytes_ == 0) return;
    give(line_, line_bytes_, take);
    line_.clear();
    line_bytes_ = 0;
  }

 private:
  template <class Take>
  static void give(std::string_view text, std::uint64_t line_bytes, Take& take) {
    const bool whole = text.size() == line_bytes;
    if (whole && text.ends_with('\r')) text.remove_suffix(1);
    take(text, whole ? text.size() : line_bytes);
  }

  void keep(std::string_view bytes) {
    line_bytes_ += bytes.size();
    line_.append(bytes.substr(0, max_line_bytes_ - std::min(max_line_bytes_, line_.size())));
  }

  std::size_t max_line_bytes_;
  std::string line_;
  std::uint64_t line_bytes_ = 0;
};

}  // namespace towld
