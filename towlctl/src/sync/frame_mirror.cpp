#include "sync/frame_mirror.hpp"

#include <algorithm>

#include "pages_io.hpp"
#include "v2/count_frame.hpp"
#include "v2/digest.hpp"
#include "v2/footer.hpp"
#include "v2/header_io.hpp"
#include "v2/slots.hpp"
#include "v2/tail.hpp"

namespace towlctl {
namespace {

namespace v2 = towl::detail::v2;
using towl::ErrorCode;
using towl::Result;
using towl::detail::read_bytes;

tl::unexpected<towl::Error> bad_frames(const std::string& what) {
  return towl::fail(ErrorCode::corrupt, "the collector sent " + what);
}

}  // namespace

FrameMirror::FrameMirror(const std::filesystem::path& folder, const RemoteFile& remote, std::string front,
                         towl::FileLayer& layer)
    : MirrorFile(folder, remote, std::move(front), layer),
      tag_(v2::file_tag(remote.header.uuid)),
      remote_gaps_(remote.index.gaps) {}

Result<std::unique_ptr<MirrorFile>> FrameMirror::make(const std::filesystem::path& folder, const RemoteFile& remote,
                                                      towl::FileLayer& layer) {
  auto front = v2::encode_front({remote.header, remote.index.opened});
  if (!front) return tl::unexpected(front.error());
  return std::make_unique<FrameMirror>(folder, remote, std::move(*front), layer);
}

Result<void> FrameMirror::look() {
  begun_ = differs_ = false;
  footer_.reset();
  count_ = 0;
  end_ = size_ = v2::kDataOffset;
  stored_ = now_ = v2::Slot{};
  now_.index.opened = opened_;
  now_.chain = v2::first_chain(front_);
  points_ = {};
  file_.reset();
  auto file = layer_->open(path_, towl::OpenMode::read);
  if (!file && file.error().code == ErrorCode::not_found) return {};
  if (!file) return tl::unexpected(file.error());
  const auto size = (*file)->size();
  if (!size) return tl::unexpected(size.error());
  const auto page = read_bytes(**file, 0, v2::kPageBytes);
  if (!page) return tl::unexpected(page.error());
  file_ = std::move(*file);
  size_ = *size;
  // A damaged page is no reason to pull everything again: the frame that repeats it tells as well.
  const auto header = v2::read_header(*file_, *page);
  if (!header && header.error().code == ErrorCode::io) return tl::unexpected(header.error());
  differs_ = !header || v2::encode_header_page(*header) != front_.substr(0, v2::kPageBytes);
  if (differs_) return {};
  auto slots = v2::read_slots(*file_, tag_);
  if (!slots) return tl::unexpected(slots.error());
  if (!slots->newest || slots->newest->data_end > size_) return recount();
  stored_ = *slots->newest;
  return look_behind(*slots->newest);
}

Result<void> FrameMirror::look_behind(v2::Slot slot) {
  if (slot.index.sealed) {
    now_ = slot;
    count_ = slot.index.count;
    end_ = size_;
    differs_ = slot.index.gaps > remote_gaps_;
    return {};
  }
  v2::Tail tail(*file_, tag_, std::move(slot));
  if (auto done = tail.walk(); !done) return done;
  now_ = tail.slot();
  points_ = v2::SkipPoints(now_.points);
  count_ = now_.index.count;
  end_ = std::min(now_.data_end, size_);
  // Entries that were lost here, and given up by a repair, the collector may still have: pull them again.
  differs_ = now_.index.gaps > remote_gaps_;
  return {};
}

bool FrameMirror::up_to_date(const RemoteFile& remote) const {
  return exists() && !differs_ && size_ == end_ && count_ == remote.index.count && stored_.index.count == count_ &&
         stored_.index.digest == remote.index.digest && stored_.index.closed == remote.index.closed &&
         (stored_.index.sealed || !remote.index.sealed);
}

Result<MirrorProof> FrameMirror::proof() const {
  return MirrorProof{
      .size = now_.data_end, .opened = now_.index.opened, .digest = now_.index.digest, .chain = now_.chain};
}

Result<void> FrameMirror::recount() {
  auto first = v2::first_slot(*file_);
  if (!first) return tl::unexpected(first.error());
  first->sequence = stored_.sequence;
  return look_behind(std::move(*first));
}

Result<void> FrameMirror::begin() {
  begun_ = true;
  if (!exists()) {
    stored_.sequence = 1;
    return create();
  }
  if (auto done = open_to_append(); !done) return done;
  now_.sequence = stored_.sequence;
  // A reader that believes a page that says closed would miss what is added now.
  if (!now_.index.closed || now_.index.sealed) return {};
  now_.index.closed.reset();
  return write_slot();
}

Result<void> FrameMirror::append(const ChunkView& chunk) {
  if (chunk.first != count_) {
    return bad_frames("entries that do not follow: entry " + std::to_string(chunk.first) + ", wanted " +
                      std::to_string(count_));
  }
  return chunk.count == 0 ? take_trailer(chunk) : take_frames(chunk);
}

// Checks that these are whole frames of the next entries, and links the first to what is here.
Result<void> FrameMirror::take_frames(const ChunkView& chunk) {
  if (now_.index.sealed || footer_) return bad_frames("entries for a file that is sealed");
  v2::Slot next = now_;
  v2::SkipPoints points = points_;
  std::string_view bytes = chunk.data;
  relinked_.clear();
  v2::FrameHeader header;
  std::string_view last;
  for (std::size_t at = 0; at < bytes.size(); at += static_cast<std::size_t>(header.bytes())) {
    const std::string_view rest = bytes.substr(at);
    if (v2::read_frame_header(rest, tag_, header) != v2::FrameFound::frame ||
        v2::check_payload(rest, header) != v2::FrameFound::frame || header.kind > v2::FrameKind::gap ||
        header.kind == v2::FrameKind::header || header.first != next.index.count) {
      return bad_frames("bytes that are not the next frame of the file, behind entry " +
                        std::to_string(next.index.count));
    }
    // What was durable at the collector need not be here.
    const v2::FrameLink link{next.chain, next.life, stored_.index.count};
    if (header.previous != link.previous || header.life != link.life || header.durable > link.durable) {
      if (relinked_.empty()) relinked_ = chunk.data;
      bytes = relinked_;
      header.header_checksum = v2::relink_frame(relinked_.data() + at, link, tag_);
    }
    next.chain = header.header_checksum;
    next.last_frame = end_ + at;
    next.index.count = header.end();
    last = bytes.substr(at);
    v2::count_frame(header, next.index);
    if (header.kind == v2::FrameKind::data) points.add({header.first, end_ + at});
  }
  if (next.index.count - count_ != chunk.count) {
    return bad_frames(std::to_string(next.index.count - count_) + " entries that should be " +
                      std::to_string(chunk.count));
  }
  // The digest behind the last frame takes decoding it; the others are checked by `verify`.
  next.index.digest = header.digest;
  if (auto begun = decoder_.begin(header, v2::payload_of(last, header)); !begun)
    return bad_frames(begun.error().message);
  towl::EntryView entry;
  for (;;) {
    const auto more = decoder_.next(entry);
    if (!more) return bad_frames(more.error().message);
    if (!*more) break;
    next.index.digest = v2::extend_digest(next.index.digest, entry);
    next.index.last = entry.received;
  }
  if (auto done = write_behind(bytes); !done) return done;
  now_ = std::move(next);
  now_.data_end = end_;
  points_ = std::move(points);
  now_.points = points_.points();
  count_ = now_.index.count;
  return {};
}

Result<void> FrameMirror::take_trailer(const ChunkView& chunk) {
  std::string_view bytes = chunk.data;
  v2::FrameHeader header;
  while (!bytes.empty()) {
    if (v2::read_frame_header(bytes, tag_, header) != v2::FrameFound::frame ||
        v2::check_payload(bytes, header) != v2::FrameFound::frame || header.kind < v2::FrameKind::filter) {
      return bad_frames("bytes that are no filter, directory or footer");
    }
    if (header.kind == v2::FrameKind::footer) {
      auto footer = v2::decode_footer(v2::payload_of(bytes, header), tag_);
      if (!footer || footer->slot.index.digest != now_.index.digest || footer->slot.data_end != now_.data_end ||
          footer->slot.chain != now_.chain || footer->slot.index.count != count_) {
        return bad_frames("a footer that is not that of the entries sent");
      }
      footer_ = std::move(footer->slot);
    }
    bytes.remove_prefix(static_cast<std::size_t>(header.bytes()));
  }
  return write_behind(chunk.data);
}

Result<void> FrameMirror::reached(const RemoteFile& remote) {
  if (remote.index.count != count_ || remote.index.digest != now_.index.digest || remote.index.opened != opened_) {
    return bad_frames("entries whose digest is not that of its file: it has " + std::to_string(remote.index.count) +
                      ", here are " + std::to_string(count_));
  }
  now_.index.first = remote.index.first;
  now_.index.last = remote.index.last;
  if (!remote.closed || now_.index.sealed) return {};
  if (footer_) return write_sealed_slot();
  now_.index.closed = remote.index.closed;
  if (now_.index == stored_.index && unsynced_bytes_ == 0) return {};
  return write_slot();
}

Result<void> FrameMirror::save() {
  if (!begun_ || now_.index.sealed || footer_) return unsynced_bytes_ > 0 ? sync() : Result<void>();
  if (stored_.index == now_.index && unsynced_bytes_ == 0) return {};
  return write_slot();
}

// A slot is a promise: what it says is on stable storage before it is written.
Result<void> FrameMirror::write_slot() {
  if (unsynced_bytes_ > 0) {
    if (auto done = sync(); !done) return done;
  }
  now_.sequence = stored_.sequence + 1;
  if (auto done = v2::write_slot(*file_, now_, tag_); !done) return done;
  stored_ = now_;
  return sync();
}

// The index page of a sealed file has one slot: that of its footer.
Result<void> FrameMirror::write_sealed_slot() {
  if (auto done = sync(); !done) return done;
  std::string page = v2::encode_slot(*footer_, tag_);
  page.resize(v2::kPageBytes);
  if (auto done = file_->write_at(v2::kIndexOffset, page); !done) return done;
  stored_ = now_ = *footer_;
  footer_.reset();
  return sync();
}

}  // namespace towlctl
