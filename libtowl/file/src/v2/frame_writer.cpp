#include "v2/frame_writer.hpp"

#include "towl/limits.hpp"
#include "v2/count_frame.hpp"
#include "v2/head.hpp"
#include "v2/header_io.hpp"
#include "v2/zstd.hpp"

namespace towl::detail::v2 {
namespace {

// The whole directory is read to find anything: it should be small, and compressing it is quick.
constexpr int kDirectoryLevel = 3;

// A sealed file has so many entries between two signed heads, except before the last: a head takes about a kilobyte.
constexpr std::uint64_t kEntriesOfAHead = std::uint64_t{1} << 16;

}  // namespace

FrameWriter::FrameWriter(File& file, std::uint32_t tag, std::uint32_t chain, std::string page, Life life)
    : file_(&file), tag_(tag), page_(std::move(page)) {
  slot_.sequence = 1;
  slot_.chain = chain;
  slot_.last_frame = kFramesOffset;
  slot_.life = life;
}

Result<FrameWriter> FrameWriter::begin(File& file, const HeaderPage& page, Life life) {
  const auto front = encode_front(page);
  if (!front) return fail(front.error());
  if (auto put = file.write_at(0, *front); !put) return fail(std::move(put.error()));
  return FrameWriter(file, file_tag(page.header.uuid), first_chain(*front), front->substr(kHeaderOffset, kPageBytes),
                     life);
}

Result<void> FrameWriter::flush() {
  if (auto put = file_->write_at(written_, pending_); !put) return put;
  written_ += pending_.size();
  pending_.clear();
  return {};
}

Result<void> FrameWriter::put_behind(FrameHeader header, std::string_view payload, std::string_view positions) {
  header.previous = slot_.chain;
  header.tag = tag_;
  header.life = slot_.life;
  header = append_frame(header, payload, pending_, positions);
  slot_.chain = header.header_checksum;
  return pending_.size() >= kWriteBufferBytes ? flush() : Result<void>();
}

Result<void> FrameWriter::put(FrameHeader header, std::string_view payload, std::string_view positions,
                              std::string filter, std::optional<std::uint64_t> before) {
  // A sealed file is in its first life for good, and has its header page in its footer.
  if (slot_.life != Life{} && is_copy_due(slot_.last_frame, written_ + pending_.size())) {
    if (auto done = put_copy(header.first, before.value_or(header.digest)); !done) return done;
  }
  const std::uint64_t offset = written_ + pending_.size();
  directory_.push_back(directory_entry(header, offset));
  filters_.push_back(std::move(filter));
  points_.add({header.first, offset});
  slot_.last_frame = offset;
  Index& index = slot_.index;
  index.count = header.end();
  count_frame(header, index);
  return put_behind(header, payload, positions);
}

Result<void> FrameWriter::put_travelling(FrameHeader header, std::string_view payload, bool sealed) {
  if (sealed) {
    travelling_.emplace_back(header, payload);
    return {};
  }
  header.first = slot_.index.count;
  header.durable = 0;
  slot_.last_frame = written_ + pending_.size();
  return put_behind(header, payload);
}

void FrameWriter::thin_heads() {
  std::size_t last = travelling_.size();
  for (std::size_t i = 0; i < travelling_.size(); ++i) {
    if (travelling_[i].first.kind == FrameKind::head) last = i;
  }
  std::vector<std::pair<FrameHeader, std::string>> kept;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < travelling_.size(); ++i) {
    if (travelling_[i].first.kind == FrameKind::head && i != last) {
      const auto head = decode_head(travelling_[i].second);
      if (!head || head->head.count < count + kEntriesOfAHead) continue;
      count = head->head.count;
    }
    kept.push_back(std::move(travelling_[i]));
  }
  travelling_ = std::move(kept);
}

Result<void> FrameWriter::put_travelling_frames(std::uint64_t digest) {
  thin_heads();
  for (auto& [header, payload] : travelling_) {
    header.first = header.durable = slot_.index.count;
    header.digest = digest;
    if (auto done = put_behind(header, payload); !done) return done;
  }
  return {};
}

Result<void> FrameWriter::put_copy(Ordinal first, std::uint64_t digest) {
  FrameHeader copy;
  copy.kind = FrameKind::header;
  copy.first = first;
  copy.digest = digest;
  copy.raw_bytes = static_cast<std::uint32_t>(page_.size());
  slot_.last_frame = written_ + pending_.size();
  return put_behind(copy, page_);
}

void FrameWriter::fill_index(const Index& index) {
  slot_.index.opened = index.opened;
  slot_.index.closed = index.closed;
  slot_.index.first = index.first;
  slot_.index.last = index.last;
  slot_.index.digest = index.digest;
  slot_.data_end = written_ + pending_.size();
  slot_.points = points_.points();
}

Result<void> FrameWriter::finish(const Index& index) {
  if (index.closed && written_ + pending_.size() >= kFirstCopyAt / 2) {
    if (auto done = put_copy(slot_.index.count, index.digest); !done) return done;
  }
  fill_index(index);
  if (auto done = flush(); !done) return done;
  return file_->write_at(slot_offset(slot_.sequence), encode_slot(slot_, tag_));
}

Result<void> FrameWriter::finish_sealed(const Index& index) {
  fill_index(index);
  slot_.index.sealed = true;
  // chain and data_end are those of the end of the entries, no matter what follows.
  Slot slot = slot_;
  if (auto done = put_travelling_frames(index.digest); !done) return done;
  for (std::size_t i = 0; i < filters_.size(); ++i) {
    if (filters_[i].empty()) continue;
    directory_[i].filter_offset = written_ + pending_.size();
    FrameHeader header;
    header.kind = FrameKind::filter;
    header.first = directory_[i].first;
    header.durable = slot.index.count;
    header.raw_bytes = static_cast<std::uint32_t>(filters_[i].size());
    if (auto done = put_behind(header, filters_[i]); !done) return done;
  }
  const std::uint64_t directory_offset = written_ + pending_.size();
  const std::string directory = encode_directory(directory_);
  std::string compressed;
  FrameHeader header;
  header.kind = FrameKind::directory;
  header.durable = slot.index.count;
  header.raw_bytes = static_cast<std::uint32_t>(directory.size());
  const bool pays = Compressor(kDirectoryLevel).compress(directory, compressed) && compressed.size() < directory.size();
  header.codec = pays ? Codec::zstd : Codec::raw;
  if (auto done = put_behind(header, pays ? compressed : directory); !done) return done;

  slot.footer_offset = written_ + pending_.size();
  header = {};
  header.kind = FrameKind::footer;
  header.durable = slot.index.count;
  header.raw_bytes = kFooterPayloadBytes;
  if (auto done = put_behind(header, encode_footer({slot, directory_offset, page_}, tag_)); !done) return done;
  slot_ = slot;
  if (auto done = flush(); !done) return done;
  return file_->write_at(slot_offset(slot_.sequence), encode_slot(slot_, tag_));
}

}  // namespace towl::detail::v2
