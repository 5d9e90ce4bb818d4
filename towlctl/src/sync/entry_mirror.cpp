#include "sync/entry_mirror.hpp"

#include <algorithm>

#include "crc32c.hpp"
#include "pages_io.hpp"
#include "sync/entry_run.hpp"
#include "v1/entry_cursor.hpp"
#include "v1/layout.hpp"
#include "v1/pages.hpp"

namespace towlctl {
namespace {

namespace v1 = towl::detail::v1;
using towl::ErrorCode;
using towl::Result;
using towl::detail::read_bytes;

constexpr std::uint64_t kProofBytes = 64 << 10;

towl::Index fresh_index(towl::Timestamp opened) {
  towl::Index index;
  index.opened = opened;
  return index;
}

}  // namespace

Result<std::unique_ptr<MirrorFile>> EntryMirror::make(const std::filesystem::path& folder, const RemoteFile& remote,
                                                      towl::FileLayer& layer) {
  auto header_page = v1::encode_header_page(remote.header);
  if (!header_page) return tl::unexpected(header_page.error());
  const auto index_page = v1::encode_index_page(fresh_index(remote.index.opened));
  if (!index_page) return tl::unexpected(index_page.error());
  return std::make_unique<EntryMirror>(folder, remote, *header_page + *index_page, layer);
}

Result<void> EntryMirror::look() {
  begun_ = index_readable_ = differs_ = false;
  count_ = 0;
  end_ = size_ = v1::kDataOffset;
  index_ = now_ = fresh_index(opened_);
  auto file = layer_->open(path_, towl::OpenMode::read);
  if (!file && file.error().code == ErrorCode::not_found) return {};
  if (!file) return tl::unexpected(file.error());
  const auto size = (*file)->size();
  if (!size) return tl::unexpected(size.error());
  const auto pages = read_bytes(**file, 0, v1::kDataOffset);
  if (!pages) return tl::unexpected(pages.error());
  if (pages->size() < v1::kDataOffset) {
    // No room for an entry: the beginning of a copy is replaced by begin(), anything else is set aside.
    differs_ = !std::string_view(front_)
                    .substr(0, v1::kPageBytes)
                    .starts_with(std::string_view(*pages).substr(0, v1::kPageBytes));
    if (differs_) file_ = std::move(*file);
    return {};
  }
  file_ = std::move(*file);
  size_ = *size;
  differs_ = std::string_view(*pages).substr(0, v1::kPageBytes) != std::string_view(front_).substr(0, v1::kPageBytes);
  if (differs_) return {};
  const auto index = v1::decode_index_page(std::string_view(*pages).substr(v1::kIndexOffset));
  index_readable_ = index.has_value();
  if (!index) return recount();
  index_ = now_ = *index;
  now_.closed.reset();
  count_ = index_.count;
  end_ = size_;
  differs_ = index_.opened != opened_;
  return {};
}

bool EntryMirror::up_to_date(const RemoteFile& remote) const {
  return exists() && !differs_ && index_readable_ && size_ == remote.size && index_.count == remote.index.count &&
         index_.closed == remote.index.closed;
}

Result<MirrorProof> EntryMirror::proof() const {
  const std::uint64_t length = std::min(kProofBytes, end_ - v1::kDataOffset);
  const auto tail = read_bytes(*file_, end_ - length, static_cast<std::size_t>(length));
  if (!tail) return tl::unexpected(tail.error());
  return MirrorProof{.size = end_, .opened = index_.opened, .tail_crc32c = towl::detail::crc32c(*tail)};
}

Result<void> EntryMirror::recount() {
  now_ = fresh_index(opened_);
  towl::detail::EntryCursor cursor(*file_, {.ordinal = 0, .offset = v1::kDataOffset});
  towl::EntryView entry;
  for (;;) {
    const auto found = cursor.next(entry);
    if (!found) return tl::unexpected(found.error());
    if (*found != v1::Found::entry) break;
    if (!now_.first) now_.first = entry.received;
    now_.last = entry.received;
  }
  count_ = cursor.position().ordinal;
  end_ = cursor.position().offset;
  return {};
}

Result<void> EntryMirror::begin() {
  begun_ = true;
  if (!exists()) {
    index_ = now_ = fresh_index(opened_);
    index_readable_ = true;
    return create();
  }
  if (auto done = open_to_append(); !done) return done;
  // A reader that believes a page that is far off, or says closed, would miss what is added now.
  now_.count = count_;
  if (!index_readable_ || index_ != now_) return write_index(now_);
  return {};
}

Result<void> EntryMirror::append(const ChunkView& chunk) {
  if (chunk.offset != end_ || chunk.first != count_) {
    return towl::fail(ErrorCode::corrupt, "the collector sent entries that do not follow: entry " +
                                              std::to_string(chunk.first) + " at offset " +
                                              std::to_string(chunk.offset) + ", wanted " + std::to_string(count_) +
                                              " at " + std::to_string(end_));
  }
  const EntryRun run = read_run(chunk.data, chunk.count);
  if (run.count == 0 || run.count != chunk.count || run.bytes != chunk.data.size()) {
    return towl::fail(ErrorCode::corrupt, "the collector sent " + std::to_string(chunk.data.size()) +
                                              " bytes that are not the " + std::to_string(chunk.count) +
                                              " whole entries it says");
  }
  if (auto done = write_behind(chunk.data); !done) return done;
  if (count_ == 0) now_.first = run.first;
  now_.last = run.last;
  count_ += run.count;
  now_.count = count_;
  return {};
}

Result<void> EntryMirror::reached(const RemoteFile& remote) {
  if (remote.index.count != count_ || remote.size != end_ || remote.index.opened != opened_) {
    return towl::fail(ErrorCode::corrupt, "the collector says that its file has " + std::to_string(remote.index.count) +
                                              " entries up to offset " + std::to_string(remote.size) + ", but sent " +
                                              std::to_string(count_) + " up to " + std::to_string(end_));
  }
  if (remote.index == index_) return {};
  if (!remote.closed) return write_index(remote.index);
  // A closed file is taken for complete by its index page: that one must not get to the disk before the entries.
  if (auto done = sync(); !done) return done;
  if (auto done = write_index(remote.index); !done) return done;
  return sync();
}

Result<void> EntryMirror::save() {
  if (!begun_) return {};
  if (index_.count != count_) {
    if (auto done = write_index(now_); !done) return done;
  }
  return unsynced_bytes_ > 0 ? sync() : Result<void>();
}

Result<void> EntryMirror::write_index(const towl::Index& index) {
  const auto page = v1::encode_index_page(index);
  if (!page) return tl::unexpected(page.error());
  if (auto done = file_->write_at(v1::kIndexOffset, *page); !done) return done;
  index_ = index;
  index_readable_ = true;
  unsynced_bytes_ += v1::kPageBytes;
  return {};
}

}  // namespace towlctl
