// FrameCursor reads the frames of an open file one after the other through a buffer.
//
// Ownership: borrows the file; a payload is valid until the next call.
// Threads:   one at a time.
// Errors:    only those of the file layer. Whether bytes are a frame is an outcome, which FrameWalker interprets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "buffer.hpp"
#include "towl/file_layer.hpp"
#include "towl/result.hpp"
#include "v2/frame.hpp"

namespace towl::detail::v2 {

/// A step of FrameCursor::find().
inline constexpr std::size_t kAnyOffset = 1;

class FrameCursor {
 public:
  FrameCursor(File& file, std::uint32_t tag, std::uint64_t offset) : file_(&file), tag_(tag), offset_(offset) {}

  /// Where the frame that header() reads begins.
  std::uint64_t offset() const { return offset_; }
  void move_to(std::uint64_t offset) { offset_ = offset; }

  /// Reads the header of the frame at offset(), which stays. `incomplete` is also the answer at the file's end.
  Result<FrameFound> header(FrameHeader& header);

  /// Reads and checks the payload of the frame at offset(), whose header was read.
  Result<FrameFound> payload(const FrameHeader& header, std::string_view& payload);

  /// Like payload(), of the whole stored frame: header, payload, padding.
  Result<FrameFound> stored(const FrameHeader& header, std::string_view& frame);

  /// The offset of the first frame from `from` on whose header holds and for which `wanted(header, offset)` is true.
  /// It looks at `from` and every `step` bytes after it: kFrameAlignment, because frames begin at multiples of it, or
  /// kAnyOffset, because they no longer do if bytes were inserted or removed.
  template <class Wanted>
  Result<std::optional<std::uint64_t>> find(std::uint64_t from, std::size_t step, Wanted wanted);

  /// The file's size. Errors: io.
  Result<std::uint64_t> file_size() const { return file_->size(); }

  /// Reads again what was read before: a writer may have replaced it.
  void forget() { begin_ = end_ = 0; }

 private:
  /// At least `bytes` from `offset` on, fewer at the file's end. The view is valid until the next call.
  Result<std::string_view> read(std::uint64_t offset, std::size_t bytes, std::size_t ahead);

  File* file_;
  std::uint32_t tag_;
  std::uint64_t offset_;
  Buffer buffer_;
  std::uint64_t begin_ = 0;  // The buffer holds the file's bytes from here …
  std::uint64_t end_ = 0;    // … to here.
};

template <class Wanted>
Result<std::optional<std::uint64_t>> FrameCursor::find(std::uint64_t from, std::size_t step, Wanted wanted) {
  FrameHeader header;
  for (std::uint64_t at = from;;) {
    const auto bytes = read(at, kFrameHeaderBytes, kReadBufferBytes);
    if (!bytes) return fail(bytes.error());
    if (bytes->size() < kFrameHeaderBytes) return std::nullopt;
    std::size_t i = 0;
    for (; i + kFrameHeaderBytes <= bytes->size(); i += step) {
      if (step == kAnyOffset) {
        i = bytes->find(kFrameMagic, i);
        if (i > bytes->size() - kFrameHeaderBytes) {
          i = bytes->size() - kFrameHeaderBytes + 1;
          break;
        }
      }
      if (read_frame_header(bytes->substr(i), tag_, header) == FrameFound::frame && wanted(header, at + i))
        return at + i;
    }
    at += i;
  }
}

}  // namespace towl::detail::v2
