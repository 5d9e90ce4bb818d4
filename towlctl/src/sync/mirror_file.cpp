#include "sync/mirror_file.hpp"

#include <set>
#include <vector>

#include "sync/entry_mirror.hpp"
#include "sync/frame_mirror.hpp"

namespace towlctl {
namespace {

using towl::ErrorCode;
using towl::Result;

// Often enough that the sync at the end finds little to do, seldom enough to cost nothing.
constexpr std::uint64_t kStartSyncEveryBytes = 16 << 20;

}  // namespace

MirrorFile::MirrorFile(std::filesystem::path folder, const RemoteFile& remote, std::string front,
                       towl::FileLayer& layer)
    : folder_(std::move(folder)),
      path_(folder_ / (std::to_string(remote.file_id()) + ".towl")),
      layer_(&layer),
      front_(std::move(front)),
      opened_(remote.index.opened) {}

Result<std::unique_ptr<MirrorFile>> MirrorFile::find(const std::filesystem::path& folder, const RemoteFile& remote,
                                                     towl::FileLayer& layer) {
  Result<std::unique_ptr<MirrorFile>> mirror;
  if (remote.header.version == static_cast<std::int32_t>(towl::FileFormat::v1)) {
    mirror = EntryMirror::make(folder, remote, layer);
  } else if (remote.header.version == static_cast<std::int32_t>(towl::FileFormat::v2)) {
    mirror = FrameMirror::make(folder, remote, layer);
  } else {
    return towl::fail(ErrorCode::unsupported_version, "format version " + std::to_string(remote.header.version) +
                                                          " is unknown to this towlctl: get a newer one");
  }
  if (!mirror) return mirror;
  if (auto done = (*mirror)->look(); !done) return tl::unexpected(done.error());
  return mirror;
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

Result<void> MirrorFile::create() {
  const std::filesystem::path temporary = path_.string() + ".new";
  if (auto done = layer_->remove(temporary); !done && done.error().code != ErrorCode::not_found) return done;
  auto file = layer_->open(temporary, towl::OpenMode::create);
  if (!file) return tl::unexpected(file.error());
  if (auto done = (*file)->write_at(0, front_); !done) return done;
  if (auto done = (*file)->sync(); !done) return done;
  if (auto done = layer_->rename(temporary, path_); !done) return done;
  if (auto done = layer_->sync_folder(folder_); !done) return done;
  // Opened again for its name in errors.
  file = layer_->open(path_, towl::OpenMode::read_write);
  if (!file) return tl::unexpected(file.error());
  file_ = std::move(*file);
  return {};
}

Result<void> MirrorFile::open_to_append() {
  auto file = layer_->open(path_, towl::OpenMode::read_write);
  if (!file) return tl::unexpected(file.error());
  file_ = std::move(*file);
  if (size_ > end_) {
    if (auto done = file_->truncate(end_); !done) return done;
    size_ = end_;
  }
  return {};
}

Result<void> MirrorFile::write_behind(std::string_view bytes) {
  if (auto done = file_->write_at(end_, bytes); !done) {
    // Half of it may be there. If it cannot be cut now, the next one finds the end.
    if (auto cut = file_->truncate(end_); !cut) size_ = end_ + bytes.size();
    return done;
  }
  end_ += bytes.size();
  size_ = end_;
  unsynced_bytes_ += bytes.size();
  // The entries need not be safe before the index page says that they are complete.
  if (unsynced_bytes_ / kStartSyncEveryBytes != (unsynced_bytes_ - bytes.size()) / kStartSyncEveryBytes) {
    file_->start_sync();
  }
  return {};
}

Result<void> MirrorFile::sync() {
  if (auto done = file_->sync(); !done) return done;
  unsynced_bytes_ = 0;
  return {};
}

}  // namespace towlctl
