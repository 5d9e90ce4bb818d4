#include "inputs/file/line_reader.hpp"

#include "limits/limits.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace towld {
namespace {

/// How many of the first bytes are whole units of nothing but NUL.
std::size_t leading_nuls(std::string_view bytes, Encoding encoding) {
  const std::size_t nuls = std::min(bytes.find_first_not_of('\0'), bytes.size());
  return nuls - nuls % unit_bytes(encoding);
}

/// Nothing but NULs, except for half a unit.
bool is_nuls(std::string_view bytes, Encoding encoding) {
  return bytes.size() - leading_nuls(bytes, encoding) < unit_bytes(encoding);
}

}  // namespace

towl::Result<std::size_t> read_at(int descriptor, char* to, std::size_t bytes, std::uint64_t offset) {
  std::size_t done = 0;
  while (done < bytes) {
    const auto got = ::pread(descriptor, to + done, bytes - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return towl::fail(towl::error_from_errno(errno, "cannot read", ""));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

towl::Result<void> LineReader::read_chunk(int descriptor, std::uint64_t offset, ReadBuffers& buffers) {
  got_ = 0;
  long_line_.reset();
  const auto lead = static_cast<std::size_t>(std::min<std::uint64_t>(kFileMarkBytes, offset));
  char* const begin = buffers.bytes.data() + kFileMarkBytes - lead;
  const auto got = read_at(descriptor, begin, lead + kFileReadBytes, offset - lead);
  ++buffers.reads;
  if (!got) return towl::fail(got.error());
  searched_ = offset;
  got_ = *got - std::min(*got, lead);
  at_end_ = got_ < kFileReadBytes;
  buffers.offset = offset;
  buffers.lead = std::min(*got, lead) == lead ? lead : 0;
  buffers.got = got_;
  return {};
}

// Begins the line after the NULs that are before it, if something follows them.
towl::Result<void> LineReader::skip_nuls(int descriptor, ReadBuffers& buffers) {
  if (got_ == 0 || buffers.chunk().front() != '\0') return {};
  std::uint64_t at = begin_;
  if (is_nuls(buffers.chunk(), encoding_)) {
    if (at_end_) return {};
    const std::uint64_t from = std::max(begin_ + got_, nuls_to_);
    const off_t data = ::lseek(descriptor, static_cast<off_t>(from), SEEK_DATA);
    const bool is_hole = data < 0 && errno == ENXIO;  // up to the end of the file
    at = data < 0 ? from : static_cast<std::uint64_t>(data);
    at -= (at - begin_) % unit_bytes(encoding_);
    if (!is_hole) {
      if (auto read = read_chunk(descriptor, at, buffers); !read) return read;
    }
    if (is_hole || is_nuls(buffers.chunk(), encoding_)) {
      at_end_ = at_end_ || is_hole;
      nuls_to_ = at + (is_hole ? 0 : got_);
      searched_ = begin_;
      got_ = 0;
      return {};
    }
  }
  begin_ = at + leading_nuls(buffers.chunk(), encoding_);
  return read_chunk(descriptor, begin_, buffers);
}

towl::Result<std::size_t> LineReader::read(int descriptor, ReadBuffers& buffers) {
  if (auto read = read_chunk(descriptor, searched_, buffers); !read) return towl::fail(std::move(read.error()));
  if (searched_ == begin_) {
    if (auto skipped = skip_nuls(descriptor, buffers); !skipped) return towl::fail(std::move(skipped.error()));
    return got_;
  }
  // On the way to the end of a line of which the beginning was seen before.
  const std::size_t new_bytes = got_;
  const std::size_t at = find_line_feed(buffers.chunk(), encoding_);
  if (at == std::string_view::npos) return new_bytes;
  const std::uint64_t text_end = searched_ + at;
  const std::uint64_t end = text_end + unit_bytes(encoding_);
  const auto read = end - begin_ > kFileReadBytes ? read_long(descriptor, text_end, end, buffers)
                                                  : read_chunk(descriptor, begin_, buffers);
  if (!read) return towl::fail(read.error());
  return new_bytes;
}

void LineReader::take_lines(ReadBuffers& buffers, const Take& take) {
  if (long_line_) return take_long(buffers, take);
  const std::size_t unit = unit_bytes(encoding_);
  std::string_view rest = buffers.chunk().substr(0, got_);
  if (searched_ > begin_) {  // It was searched by read().
    searched_ += got_ - got_ % unit;
    got_ = 0;
    return;
  }
  for (;;) {
    const std::size_t at = find_line_feed(rest, encoding_);
    if (at == std::string_view::npos) break;
    const std::uint64_t begin = begin_;
    begin_ += at + unit;
    take_one(rest.substr(0, at), begin, buffers, take);
    rest.remove_prefix(at + unit);
  }
  const bool nothing_whole = rest.size() == got_;
  if (!is_nuls(rest, encoding_)) {
    const std::size_t nuls = leading_nuls(rest, encoding_);
    begin_ += nuls;
    rest.remove_prefix(nuls);
  } else {
    rest = {};
  }
  searched_ = begin_;
  if (rest.size() >= kReadAgainBytes && (at_end_ || nothing_whole)) searched_ += rest.size() - rest.size() % unit;
  got_ = 0;
}

void LineReader::take_one(std::string_view raw, std::uint64_t begin, ReadBuffers& buffers, const Take& take) const {
  raw.remove_prefix(leading_nuls(raw, encoding_));
  raw = without_carriage_return(raw, encoding_);
  const std::string_view text = to_utf8(raw, encoding_, buffers.decoded);
  const std::string_view kept = cut_text(text, max_line_bytes_);
  take({kept, kept.size() < text.size() ? raw.size() : 0, begin_, begin});
}

towl::Result<void> LineReader::read_long(int descriptor, std::uint64_t text_end, std::uint64_t end,
                                         ReadBuffers& buffers) {
  const std::uint64_t length = text_end - begin_;
  // In UTF-8 a text gets longer, or shorter by half at most; a carriage return must be seen if nothing is cut.
  const std::uint64_t room = std::uint64_t{2} * max_line_bytes_ + 4;
  buffers.long_line.resize(static_cast<std::size_t>(std::min(length, room)));
  const auto got = read_at(descriptor, buffers.long_line.data(), buffers.long_line.size(), begin_);
  if (!got) return towl::fail(got.error());
  at_end_ = false;
  long_line_ = LongLine{*got, length, end};
  return {};
}

void LineReader::take_long(ReadBuffers& buffers, const Take& take) {
  const LongLine line = *long_line_;
  long_line_.reset();
  const std::uint64_t begin = begin_;
  begin_ = searched_ = line.end;
  got_ = 0;
  std::string_view raw = std::string_view(buffers.long_line).substr(0, line.bytes);
  const bool is_whole = raw.size() == line.length;
  if (is_whole) raw = without_carriage_return(raw, encoding_);
  const std::string_view text = to_utf8(raw, encoding_, buffers.decoded);
  const std::string_view kept = cut_text(text, max_line_bytes_);
  take({kept, kept.size() < text.size() || !is_whole ? line.length : 0, line.end, begin});
  // The buffers are not left at the size of the longest line ever.
  if (buffers.long_line.capacity() > kFileReadBytes) std::string().swap(buffers.long_line);
  if (buffers.decoded.capacity() > kFileReadBytes) std::string().swap(buffers.decoded);
}

towl::Result<void> LineReader::take_rest(int descriptor, std::uint64_t size, ReadBuffers& buffers, const Take& take) {
  if (size <= begin_) return {};
  if (auto read = read_long(descriptor, size, size, buffers); !read) return read;
  if (is_nuls(std::string_view(buffers.long_line).substr(0, long_line_->bytes), encoding_)) {
    seek(size);
    return {};
  }
  take_long(buffers, take);
  return {};
}

}  // namespace towld
