#include "v2/frame_decoder.hpp"

#include <algorithm>

namespace towl::detail::v2 {
namespace {

// Texts of columns are put together so many at once: they are read while they are in the cache, and who wants one entry
// does not wait for all.
constexpr std::uint32_t kBuiltAtOnce = 64;

}  // namespace

Result<void> FrameDecoder::begin(const FrameHeader& header, std::string_view payload, Wanted wanted) {
  header_ = header;
  read_ = 0;
  text_bytes_ = 0;
  entries_ = {};
  if (header.kind != FrameKind::data) {
    header_.count = 0;
    return {};
  }
  if (header.layout == Layout::columns) {
    if (!columns_) columns_ = std::make_unique<ColumnDecoder>();
    built_ = 0;
    if (auto begun = columns_->begin(payload, header.count, header.text_bytes, wanted); !begun) {
      header_.count = 0;
      return fail(std::move(begun.error()));
    }
    entries_ = columns_->build(0);
    return {};
  }
  const std::span<char> texts(texts_.reserve(header.text_bytes), header.text_bytes);
  if (header.codec == Codec::raw) {
    rows_ = RowDecoder(payload, texts);
    return {};
  }
  char* raw = raw_.reserve(header.raw_bytes);
  if (!decompressor_.decompress(payload, {raw, header.raw_bytes})) {
    header_.count = 0;
    return fail(ErrorCode::corrupt, "a frame that does not decompress");
  }
  rows_ = RowDecoder({raw, header.raw_bytes}, texts);
  return {};
}

Result<void> FrameDecoder::check_end() const {
  if (rows_.done() && text_bytes_ == header_.text_bytes) return {};
  return fail(ErrorCode::corrupt, "a frame whose entries are not what its header says");
}

Result<bool> FrameDecoder::next(EntryView& entry) {
  if (read_ == header_.count) return false;
  if (!entries_.empty()) {
    if (read_ >= built_) {
      built_ = std::min(header_.count, read_ + kBuiltAtOnce);
      entries_ = columns_->build(built_);
    }
    entry = entries_[read_++];
    return true;
  }
  if (!rows_.next(entry)) {
    clear();
    return fail(ErrorCode::corrupt, "a frame with bytes that are no entry");
  }
  text_bytes_ += entry.sender.size() + entry.log_entry.size();
  if (++read_ < header_.count) return true;
  if (auto good = check_end(); !good) {
    clear();
    return fail(std::move(good.error()));
  }
  return true;
}

Result<void> FrameDecoder::skip_to(Ordinal ordinal) {
  if (!entries_.empty() && ordinal > next_ordinal()) {
    read_ = static_cast<std::uint32_t>(std::min<Ordinal>(header_.count, ordinal - header_.first));
    if (read_ > built_) columns_->pass(read_);
    return {};
  }
  EntryView entry;
  while (next_ordinal() < ordinal) {
    const auto more = next(entry);
    if (!more) return fail(more.error());
    if (!*more) break;
  }
  return {};
}

}  // namespace towl::detail::v2
