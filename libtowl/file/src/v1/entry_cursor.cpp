#include "v1/entry_cursor.hpp"

#include <algorithm>
#include <cstring>

namespace towl::detail {

Result<Walk> walk_entries(std::string_view bytes, std::uint64_t max_count, std::size_t max_entry_bytes) {
  Walk walk;
  EntryView entry;
  v1::EntryDecoder decoder(max_entry_bytes);
  while (walk.count < max_count) {
    const v1::Decoded decoded = decoder.decode(bytes.substr(walk.bytes), entry);
    if (decoded.found == v1::Found::incomplete) break;
    if (decoded.found != v1::Found::entry) {
      Error error{.code = decoded.found == v1::Found::too_large ? ErrorCode::entry_too_large : ErrorCode::corrupt,
                  .message = std::string(v1::describe(decoded.found))};
      error.offset = walk.bytes;
      error.ordinal = walk.count;
      return fail(std::move(error));
    }
    walk.bytes += decoded.bytes;
    ++walk.count;
  }
  return walk;
}

EntryCursor::EntryCursor(File& file, Position at, std::size_t max_entry_bytes)
    : file_(&file), decoder_(max_entry_bytes), position_(at) {}

void EntryCursor::move_to(Position position) {
  position_ = position;
  begin_ = end_ = 0;
}

Result<std::size_t> EntryCursor::read_more() {
  const std::size_t kept = end_ - begin_;
  // Twice what was too little: the buffer follows the bytes that are there, not what a length claims. It shrinks
  // again after a large entry.
  const std::size_t wanted = kept < kReadBufferBytes / 2 ? kReadBufferBytes : 2 * kept;
  if (wanted > capacity_ || wanted < capacity_ / 4) {
    auto larger = std::make_unique_for_overwrite<char[]>(wanted);
    if (kept > 0) std::memcpy(larger.get(), buffer_.get() + begin_, kept);
    buffer_ = std::move(larger);
    capacity_ = wanted;
  } else if (begin_ > 0 && kept > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, kept);
  }
  begin_ = 0;
  end_ = kept;
  auto got = file_->read_at(position_.offset + kept, {buffer_.get() + kept, capacity_ - kept});
  if (got) end_ += *got;
  return got;
}

template <class Step>
Result<v1::Found> EntryCursor::step(Step take) {
  for (;;) {
    const v1::Decoded decoded = take(std::string_view(buffer_.get() + begin_, end_ - begin_));
    if (decoded.found == v1::Found::entry) {
      begin_ += decoded.bytes;
      position_.offset += decoded.bytes;
      ++position_.ordinal;
      return v1::Found::entry;
    }
    if (decoded.found != v1::Found::incomplete) return decoded.found;
    const auto got = read_more();
    if (!got || *got == 0) {
      begin_ = end_ = 0;
      if (!got) return fail(got.error());
      return v1::Found::incomplete;
    }
  }
}

Result<v1::Found> EntryCursor::next(EntryView& entry) {
  return step([&](std::string_view bytes) { return decoder_.decode(bytes, entry); });
}

v1::Found EntryCursor::next_buffered(EntryView& entry) {
  const v1::Decoded decoded = decoder_.decode(std::string_view(buffer_.get() + begin_, end_ - begin_), entry);
  if (decoded.found == v1::Found::entry) {
    begin_ += decoded.bytes;
    position_.offset += decoded.bytes;
    ++position_.ordinal;
  }
  return decoded.found;
}

Result<v1::Found> EntryCursor::skip() {
  return step([&](std::string_view bytes) { return decoder_.skip(bytes); });
}

}  // namespace towl::detail
