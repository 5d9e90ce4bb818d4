#include "v2/frame_cursor.hpp"

#include <algorithm>

namespace towl::detail::v2 {
namespace {

// Headers are read in steps of this: enough for several small frames, but little if the next one is far away.
constexpr std::size_t kHeaderAhead = std::size_t{16} << 10;

}  // namespace

Result<std::string_view> FrameCursor::read(std::uint64_t offset, std::size_t bytes, std::size_t ahead) {
  if (offset < begin_ || offset + bytes > end_) {
    const std::size_t wanted = std::max(bytes, ahead);
    const bool overlaps = offset >= begin_ && offset < end_;
    const std::size_t kept = overlaps ? static_cast<std::size_t>(end_ - offset) : 0;
    if (kept > 0) std::memmove(buffer_.data(), buffer_.data() + (offset - begin_), kept);
    begin_ = offset;
    end_ = offset + kept;
    // What stays goes to the front, so a buffer that is large enough is used again; one far too large is given back.
    if (wanted > buffer_.capacity()) {
      buffer_.grow(wanted, kept);
    } else if (kept == 0 && buffer_.capacity() > 8 * std::max(wanted, kReadBufferBytes)) {
      buffer_.reserve(std::max(wanted, kReadBufferBytes));
    }
    auto got = file_->read_at(end_, {buffer_.data() + kept, std::max(wanted, kept) - kept});
    if (!got) {
      forget();
      return fail(got.error());
    }
    end_ += *got;
  }
  const std::string_view all(buffer_.data(), static_cast<std::size_t>(end_ - begin_));
  return all.substr(static_cast<std::size_t>(offset - begin_));
}

Result<FrameFound> FrameCursor::header(FrameHeader& header) {
  for (int i = 0;; ++i) {
    const auto bytes = read(offset_, kFrameHeaderBytes, kHeaderAhead);
    if (!bytes) return fail(bytes.error());
    const FrameFound found = read_frame_header(*bytes, tag_, header);
    if (found == FrameFound::frame || i == 1) return found;
    // If there is a writer, the buffer may be older than the file.
    forget();
  }
}

Result<FrameFound> FrameCursor::stored(const FrameHeader& header, std::string_view& frame) {
  // A header may claim up to 64 MiB: what is not there is not allocated.
  if (header.bytes() > kReadBufferBytes) {
    const auto size = file_->size();
    if (!size) return fail(size.error());
    if (offset_ + header.bytes() > *size) return FrameFound::incomplete;
  }
  for (int i = 0;; ++i) {
    const auto bytes = read(offset_, static_cast<std::size_t>(header.bytes()), kReadBufferBytes);
    if (!bytes) return fail(bytes.error());
    const FrameFound found = check_payload(*bytes, header);
    if (found == FrameFound::frame) frame = bytes->substr(0, static_cast<std::size_t>(header.bytes()));
    if (found == FrameFound::frame || i == 1) return found;
    forget();
  }
}

Result<FrameFound> FrameCursor::payload(const FrameHeader& header, std::string_view& payload) {
  std::string_view frame;
  auto found = stored(header, frame);
  if (found && *found == FrameFound::frame) payload = payload_of(frame, header);
  return found;
}

}  // namespace towl::detail::v2
