#include "local_copy.hpp"

#include <algorithm>
#include <vector>

#include "entry_mirror.hpp"
#include "frame_mirror.hpp"
#include "pages_io.hpp"

namespace towl {

Result<std::unique_ptr<FileMirror>> FileMirror::find(const std::filesystem::path& folder, const ServedFile& remote,
                                                     FileLayer* layer) {
  FileLayer& disk = detail::layer_or_posix(layer);
  Result<std::unique_ptr<detail::LocalCopy>> mirror;
  if (remote.header.version == static_cast<std::int32_t>(FileFormat::v1)) {
    mirror = detail::EntryMirror::make(folder, remote, disk);
  } else if (remote.header.version == static_cast<std::int32_t>(FileFormat::v2)) {
    mirror = detail::FrameMirror::make(folder, remote, disk);
  } else {
    return fail(ErrorCode::unsupported_version,
                "format version " + std::to_string(remote.header.version) + " is unknown here: get a newer towl");
  }
  if (!mirror) return fail(std::move(mirror.error()));
  if (auto done = (*mirror)->look(); !done) return fail(std::move(done.error()));
  return std::move(*mirror);
}

}  // namespace towl

namespace towl::detail {
namespace {

// Often enough that the sync at the end finds little to do, seldom enough to cost nothing.
constexpr std::uint64_t kStartSyncEveryBytes = 16 << 20;

}  // namespace

std::string free_name(const std::string& name, const std::vector<std::string>& taken) {
  std::string free = name;
  for (int i = 1; std::find(taken.begin(), taken.end(), free) != taken.end(); ++i)
    free = name + "." + std::to_string(i);
  return free;
}

LocalCopy::LocalCopy(std::filesystem::path folder, const ServedFile& remote, std::string front, FileLayer& layer)
    : folder_(std::move(folder)),
      path_(folder_ / (std::to_string(remote.file_id()) + ".towl")),
      layer_(&layer),
      front_(std::move(front)),
      opened_(remote.index.opened) {}

Result<std::filesystem::path> LocalCopy::set_aside() {
  file_.reset();
  const auto names = layer_->list(folder_);
  if (!names) return fail(names.error());
  const std::string name = free_name(path_.filename().string() + ".diverged", *names);
  if (auto done = layer_->rename(path_, folder_ / name); !done) return fail(done.error());
  if (auto done = layer_->sync_folder(folder_); !done) return fail(done.error());
  if (auto done = look(); !done) return fail(done.error());
  return folder_ / name;
}

Result<void> LocalCopy::create() {
  const std::filesystem::path temporary = path_.string() + ".new";
  if (auto done = layer_->remove(temporary); !done && done.error().code != ErrorCode::not_found) return done;
  auto file = layer_->open(temporary, OpenMode::create);
  if (!file) return fail(file.error());
  if (auto done = (*file)->write_at(0, front_); !done) return done;
  if (auto done = (*file)->sync(); !done) return done;
  if (auto done = layer_->rename(temporary, path_); !done) return done;
  if (auto done = layer_->sync_folder(folder_); !done) return done;
  // Opened again for its name in errors.
  file = layer_->open(path_, OpenMode::read_write);
  if (!file) return fail(file.error());
  file_ = std::move(*file);
  return {};
}

Result<void> LocalCopy::open_to_append() {
  auto file = layer_->open(path_, OpenMode::read_write);
  if (!file) return fail(file.error());
  file_ = std::move(*file);
  if (size_ > end_) {
    if (auto done = file_->truncate(end_); !done) return done;
    size_ = end_;
  }
  return {};
}

Result<void> LocalCopy::write_at_end(std::string_view bytes) {
  if (auto done = file_->write_at(end_, bytes); !done) {
    // Half of it may be written. If it cannot be cut off now, the next process finds the end.
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

Result<void> LocalCopy::sync() {
  if (auto done = file_->sync(); !done) return done;
  unsynced_bytes_ = 0;
  return {};
}

}  // namespace towl::detail
