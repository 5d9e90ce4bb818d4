#include "sync/mirror_file.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "crc32c.hpp"
#include "entry_cursor.hpp"
#include "sync/entry_run.hpp"
#include "v1/layout.hpp"
#include "v1/pages.hpp"

namespace towlctl {
namespace {

namespace v1 = towl::detail::v1;
using towl::ErrorCode;
using towl::Result;

constexpr std::uint64_t kProofBytes = 64 << 10;
// Often enough that the sync at the end finds little to do, seldom enough to cost nothing.
constexpr std::uint64_t kStartSyncEveryBytes = 16 << 20;

Result<std::string> read(towl::File& file, std::uint64_t offset, std::size_t length) {
  std::string bytes(length, '\0');
  auto got = file.read_at(offset, bytes);
  if (!got) return tl::unexpected(got.error());
  bytes.resize(*got);
  return bytes;
}

towl::Index fresh_index(towl::Timestamp opened) {
  towl::Index index;
  index.opened = opened;
  return index;
}

}  // namespace

MirrorFile::MirrorFile(std::filesystem::path folder, const RemoteFile& remote, std::string header_page,
                       towl::FileLayer& layer)
    : folder_(std::move(folder)),
      path_(folder_ / (std::to_string(remote.file_id()) + ".towl")),
      layer_(&layer),
      header_page_(std::move(header_page)),
      opened_(remote.index.opened) {}

Result<MirrorFile> MirrorFile::find(const std::filesystem::path& folder, const RemoteFile& remote,
                                    towl::FileLayer& layer) {
  if (remote.header.version != v1::kVersion) {
    return towl::fail(ErrorCode::unsupported_version, "format version " + std::to_string(remote.header.version) +
                                                          " is unknown to this towlctl: get a newer one");
  }
  auto header_page = v1::encode_header_page(remote.header);
  if (!header_page) return tl::unexpected(header_page.error());
  MirrorFile mirror(folder, remote, std::move(*header_page), layer);
  if (auto done = mirror.look(); !done) return tl::unexpected(done.error());
  return mirror;
}

Result<void> MirrorFile::look() {
  begun_ = index_readable_ = differs_ = false;
  count_ = 0;
  end_ = size_ = v1::kDataOffset;
  index_ = now_ = fresh_index(opened_);
  auto file = layer_->open(path_, towl::OpenMode::read);
  if (!file && file.error().code == ErrorCode::not_found) return {};
  if (!file) return tl::unexpected(file.error());
  const auto size = (*file)->size();
  if (!size) return tl::unexpected(size.error());
  const auto pages = read(**file, 0, v1::kDataOffset);
  if (!pages) return tl::unexpected(pages.error());
  if (pages->size() < v1::kDataOffset) {
    // No room for an entry: the beginning of a copy is replaced by begin(), anything else is set aside.
    differs_ = !header_page_.starts_with(std::string_view(*pages).substr(0, v1::kPageBytes));
    if (differs_) file_ = std::move(*file);
    return {};
  }
  file_ = std::move(*file);
  size_ = *size;
  differs_ = std::string_view(*pages).substr(0, v1::kPageBytes) != header_page_;
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

bool MirrorFile::up_to_date(const RemoteFile& remote) const {
  return exists() && !differs_ && index_readable_ && size_ == remote.size && index_.count == remote.index.count &&
         index_.closed == remote.index.closed;
}

Result<MirrorProof> MirrorFile::proof() const {
  const std::uint64_t length = std::min(kProofBytes, end_ - v1::kDataOffset);
  const auto tail = read(*file_, end_ - length, static_cast<std::size_t>(length));
  if (!tail) return tl::unexpected(tail.error());
  return MirrorProof{.size = end_, .opened = index_.opened, .tail_crc32c = towl::detail::crc32c(*tail)};
}

Result<void> MirrorFile::recount() {
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

Result<std::filesystem::path> MirrorFile::set_aside() {
  file_.reset();
  const auto names = layer_->list(folder_);
  if (!names) return tl::unexpected(names.error());
  const std::set<std::string> taken(names->begin(), names->end());
  const std::string wanted = path_.filename().string() + ".diverged";
  std::string name = wanted;
  for (int i = 1; taken.contains(name); ++i) name = wanted + "." + std::to_string(i);
  if (auto done = layer_->rename(path_, folder_ / name); !done) return tl::unexpected(done.error());
  if (auto done = layer_->sync_folder(folder_); !done) return tl::unexpected(done.error());
  if (auto done = look(); !done) return tl::unexpected(done.error());
  return folder_ / name;
}

Result<void> MirrorFile::begin() {
  begun_ = true;
  if (!exists()) return create();
  auto file = layer_->open(path_, towl::OpenMode::read_write);
  if (!file) return tl::unexpected(file.error());
  file_ = std::move(*file);
  if (size_ > end_) {
    if (auto done = file_->truncate(end_); !done) return done;
    size_ = end_;
  }
  // A reader that believes a page that is far off, or says closed, would miss what is added now.
  now_.count = count_;
  if (!index_readable_ || index_ != now_) return write_index(now_);
  return {};
}

Result<void> MirrorFile::create() {
  now_ = fresh_index(opened_);
  const auto index_page = v1::encode_index_page(now_);
  if (!index_page) return tl::unexpected(index_page.error());
  const std::filesystem::path temporary = path_.string() + ".new";
  if (auto done = layer_->remove(temporary); !done && done.error().code != ErrorCode::not_found) return done;
  auto file = layer_->open(temporary, towl::OpenMode::create);
  if (!file) return tl::unexpected(file.error());
  if (auto done = (*file)->write_at(v1::kHeaderOffset, header_page_ + *index_page); !done) return done;
  if (auto done = (*file)->sync(); !done) return done;
  if (auto done = layer_->rename(temporary, path_); !done) return done;
  if (auto done = layer_->sync_folder(folder_); !done) return done;
  // Opened again for its name in errors.
  file = layer_->open(path_, towl::OpenMode::read_write);
  if (!file) return tl::unexpected(file.error());
  file_ = std::move(*file);
  index_ = now_;
  index_readable_ = true;
  return {};
}

Result<void> MirrorFile::append(const ChunkView& chunk) {
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
  if (auto done = file_->write_at(end_, chunk.data); !done) {
    // Half of it may be there. If it cannot be cut now, the next recount does it.
    if (auto cut = file_->truncate(end_); !cut) size_ = end_ + chunk.data.size();
    return done;
  }
  if (count_ == 0) now_.first = run.first;
  now_.last = run.last;
  count_ += run.count;
  now_.count = count_;
  end_ += run.bytes;
  size_ = end_;
  unsynced_bytes_ += run.bytes;
  // The entries need not be safe before the index page says that they are complete.
  if (unsynced_bytes_ / kStartSyncEveryBytes != (unsynced_bytes_ - run.bytes) / kStartSyncEveryBytes)
    file_->start_sync();
  return {};
}

Result<void> MirrorFile::reached(const RemoteFile& remote) {
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

Result<void> MirrorFile::save() {
  if (!begun_) return {};
  if (index_.count != count_) {
    if (auto done = write_index(now_); !done) return done;
  }
  return unsynced_bytes_ > 0 ? sync() : Result<void>();
}

Result<void> MirrorFile::write_index(const towl::Index& index) {
  const auto page = v1::encode_index_page(index);
  if (!page) return tl::unexpected(page.error());
  if (auto done = file_->write_at(v1::kIndexOffset, *page); !done) return done;
  index_ = index;
  index_readable_ = true;
  unsynced_bytes_ += v1::kPageBytes;
  return {};
}

Result<void> MirrorFile::sync() {
  if (auto done = file_->sync(); !done) return done;
  unsynced_bytes_ = 0;
  return {};
}

}  // namespace towlctl
