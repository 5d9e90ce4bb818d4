#include "v2/frame_decoder.hpp"

#include <algorithm>
#include <functional>

namespace towl::detail::v2 {
namespace {

// So many texts of columns are put together at once: they are read while they are in the cache, and a caller that wants
// one entry does not wait for all.
constexpr std::uint32_t kBuiltAtOnce = 64;

}  // namespace

Result<void> FrameDecoder::begin(const FrameHeader& header, std::string_view payload, Wanted wanted) {
  start(header);
  if (header.kind != FrameKind::data) {
    header_.count = 0;
    return {};
  }
  if (header.layout == Layout::columns) {
    if (auto begun = columns_->begin(payload, header.count, header.text_bytes, wanted); !begun) {
      header_.count = 0;
      return fail(std::move(begun.error()));
    }
    return build(0);
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

Result<bool> FrameDecoder::begin_sifted(const FrameHeader& header, std::string_view payload, Wanted wanted,
                                        FrameSieve& sieve) {
  if (header.kind != FrameKind::data || header.layout != Layout::columns || !wanted.text) {
    return begin(header, payload, wanted).map([] { return true; });
  }
  start(header);
  is_sifted_ = true;
  auto any = columns_->begin_sifted(payload, header.count, header.text_bytes, wanted, header.first, sieve);
  if (!any || !*any) {
    header_.count = 0;
    return any;
  }
  return build(0).map([] { return true; });
}

void FrameDecoder::start(const FrameHeader& header) {
  header_ = header;
  read_ = 0;
  built_ = 0;
  text_bytes_ = 0;
  entries_ = {};
  is_sifted_ = false;
  failed_.reset();
  if (!columns_ && header.layout == Layout::columns) columns_ = std::make_unique<ColumnDecoder>();
}

// Texts of a frame of columns, up to the entry `end`.
Result<void> FrameDecoder::build(std::uint32_t end) {
  built_ = end;
  if (!is_sifted_) {
    entries_ = columns_->build(end);
    return {};
  }
  auto built = columns_->build_chosen(end);
  if (!built) {
    clear();
    return fail(std::move(built.error()));
  }
  entries_ = *built;
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
      if (auto built = build(std::min(header_.count, read_ + kBuiltAtOnce)); !built)
        return fail(std::move(built.error()));
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

Result<std::span<const EntryView>> FrameDecoder::take(std::uint64_t most, std::string_view& bytes) {
  bytes = {};
  if (failed_) {
    Error error = std::move(*failed_);
    failed_.reset();
    return fail(std::move(error));
  }
  std::span<const EntryView> taken;
  if (!entries_.empty()) {
    const auto end = read_ + static_cast<std::uint32_t>(std::min<std::uint64_t>(most, header_.count - read_));
    if (end > built_) {
      if (auto built = build(end); !built) return fail(std::move(built.error()));
    }
    taken = entries_.subspan(read_, end - read_);
    read_ = end;
  } else {
    taken_.clear();
    EntryView entry;
    while (taken_.size() < most) {
      const auto more = next(entry);
      if (!more && taken_.empty()) return fail(more.error());
      if (!more) failed_ = more.error();
      if (!more || !*more) break;
      taken_.push_back(entry);
    }
    taken = taken_;
  }
  if (taken.empty() || is_sifted_) return taken;
  // Texts that share their fronts with others are not put together in the same place as the rest.
  const char* at = taken.front().log_entry.data();
  const char* const begin = at;
  for (const EntryView& one : taken) {
    const std::less<> before;
    if (before(one.log_entry.data(), at)) return taken;
    at = one.log_entry.data() + one.log_entry.size();
  }
  if (entries_.empty() && !lie_together(taken)) return taken;
  bytes = {begin, static_cast<std::size_t>(at - begin)};
  return taken;
}

// Whether all texts are in the rows, or none is. Only then may the bytes between two of them be read.
bool FrameDecoder::lie_together(std::span<const EntryView> taken) const {
  const char* const begin = texts_.data();
  const char* const end = begin + header_.text_bytes;
  const auto is_copy = [&](const EntryView& entry) {
    return !std::less<>()(entry.log_entry.data(), begin) && std::less<>()(entry.log_entry.data(), end);
  };
  const bool first = is_copy(taken.front());
  return std::all_of(taken.begin(), taken.end(), [&](const EntryView& entry) { return is_copy(entry) == first; });
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
