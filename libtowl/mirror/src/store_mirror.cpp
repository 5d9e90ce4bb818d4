#include "towl/mirror/store_mirror.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "local_copy.hpp"
#include "pages_io.hpp"
#include "towl/file_name.hpp"

namespace towl {
namespace {

constexpr const char* kIdentityName = "mirror.identity";
constexpr const char* kHealingName = "healing";
constexpr std::size_t kIdentityDigits = 32;

bool is_identity(std::string_view text) {
  return text.size() == kIdentityDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// A copy, or what is left of one: 3.towl, 3.towl.diverged.
bool is_of_file(const std::string& name) {
  return !name.empty() && name[0] >= '0' && name[0] <= '9' && name.find(".towl") != std::string::npos;
}

tl::unexpected<Error> broken(std::string what) {
  return fail(ErrorCode::corrupt, "the collector's stream breaks the protocol: " + std::move(what));
}

}  // namespace

Result<StoreMirror> StoreMirror::open(const std::filesystem::path& folder, FileLayer* layer) {
  FileLayer& disk = detail::layer_or_posix(layer);
  if (auto made = disk.create_folder(folder); !made) return fail(std::move(made.error()));
  auto lock = disk.lock(folder / kLockName);
  if (!lock) return fail(std::move(lock.error()));
  StoreMirror mirror(folder, disk, std::move(*lock));
  if (auto done = mirror.load(); !done) return fail(std::move(done.error()));
  return mirror;
}

Result<void> StoreMirror::load() {
  const auto file = layer_->open(folder_ / kIdentityName, OpenMode::read);
  if (!file && file.error().code == ErrorCode::not_found) return {};
  if (!file) return fail(file.error());
  const auto text = detail::read_bytes(**file, 0, kIdentityDigits);
  if (!text) return fail(text.error());
  if (is_identity(*text)) identity_ = *text;
  return {};
}

Result<void> StoreMirror::keep(std::string_view identity) {
  const auto path = folder_ / kIdentityName;
  const auto temporary = folder_ / (std::string(kIdentityName) + ".new");
  if (auto done = layer_->remove(temporary); !done && done.error().code != ErrorCode::not_found) return done;
  auto file = layer_->open(temporary, OpenMode::create);
  if (!file) return fail(std::move(file.error()));
  if (auto done = (*file)->write_at(0, std::string(identity) + "\n"); !done) return done;
  if (auto done = (*file)->sync(); !done) return done;
  if (auto done = layer_->rename(temporary, path); !done) return done;
  if (auto done = layer_->sync_folder(folder_); !done) return done;
  identity_ = identity;
  return {};
}

Result<std::optional<std::filesystem::path>> StoreMirror::meet(std::string_view identity) {
  if (identity.empty() || identity == identity_) return std::nullopt;
  if (!is_identity(identity)) return fail(ErrorCode::invalid_argument, "a store's identity has 32 hexadecimal digits");
  std::optional<std::filesystem::path> aside;
  if (!identity_.empty()) {
    auto moved = move_files_aside();
    if (!moved) return fail(std::move(moved.error()));
    aside = std::move(*moved);
  }
  // Last: after an interruption, the next try begins again and moves what is left.
  if (auto done = keep(identity); !done) return fail(std::move(done.error()));
  return aside;
}

Result<std::filesystem::path> StoreMirror::move_files_aside() {
  const std::filesystem::path aside = folder_ / ("store-" + identity_);
  if (auto made = layer_->create_folder(aside); !made) return fail(std::move(made.error()));
  const auto names = layer_->list(folder_);
  if (!names) return fail(names.error());
  auto taken = layer_->list(aside);
  if (!taken) return fail(taken.error());
  for (const std::string& name : *names) {
    if (!is_of_file(name)) continue;
    const std::string free = detail::free_name(name, *taken);
    if (auto done = layer_->rename(folder_ / name, aside / free); !done) return fail(std::move(done.error()));
    taken->push_back(free);
  }
  if (auto done = layer_->sync_folder(aside); !done) return fail(std::move(done.error()));
  if (auto done = layer_->sync_folder(folder_); !done) return fail(std::move(done.error()));
  return aside;
}

Result<void> FeedReceiver::open(const ServedFile& remote) {
  auto found = mirror_->file(remote);
  if (!found) return fail(std::move(found.error()));
  file_ = std::move(*found);
  expected_ = remote;
  return {};
}

Result<void> FeedReceiver::open_beside(const ServedFile& remote) {
  const auto folder = mirror_->folder() / kHealingName;
  if (auto made = mirror_->layer().create_folder(folder); !made) return made;
  auto found = FileMirror::find(folder, remote, &mirror_->layer());
  if (!found) return fail(std::move(found.error()));
  file_ = std::move(*found);
  expected_ = remote;
  // Of another try, and of another file.
  if (file_->differs()) {
    if (auto done = mirror_->layer().remove(file_->path()); !done) return done;
    return open_beside(remote);
  }
  return {};
}

Result<void> FeedReceiver::heal() {
  const auto from = file_->path();
  const auto to = mirror_->folder() / from.filename();
  file_.reset();
  FileLayer& layer = mirror_->layer();
  if (auto done = layer.rename(from, to); !done) return done;
  if (auto done = layer.sync_folder(from.parent_path()); !done) return done;
  if (auto done = layer.sync_folder(mirror_->folder()); !done) return done;
  return open(expected_);
}

Result<FeedStart> FeedReceiver::start(bool follow) {
  follow_ = follow;
  begun_ = reached_ = false;
  FeedStart start{.file_id = expected_.file_id(),
                  .count = file_->count(),
                  .follow = follow,
                  .proof = {},
                  .store = mirror_->identity()};
  if (file_->exists()) {
    const auto proof = file_->proof();
    if (!proof) return fail(proof.error());
    start.proof = *proof;
  }
  return start;
}

Result<void> FeedReceiver::take(const FileBegins& step) {
  const ServedFile& file = step.file;
  if (!begun_) {
    if (file.header != expected_.header || file.index.opened != expected_.index.opened) {
      return broken("another file than the one that was asked for");
    }
  } else {
    if (!follow_ || !reached_ || file.file_id() <= file_id_) return broken("it goes on with the wrong file");
    if (auto saved = save(); !saved) return saved;
    file_.reset();
  }
  const bool next = std::exchange(begun_, true);
  file_id_ = file.file_id();
  reached_ = false;
  if (next) {
    if (wanted_ && !wanted_(file)) return {};
    auto found = mirror_->file(file);
    if (!found) return fail(std::move(found.error()));
    if ((*found)->exists()) return fail(ErrorCode::already_exists, "the mirror has this file already");
    file_ = std::move(*found);
  }
  return file_->begin();
}

Result<void> FeedReceiver::take(const ChunkView& chunk) {
  if (!begun_) return broken("entries before the file that they belong to");
  reached_ = false;
  return file_ ? file_->append(chunk) : Result<void>();
}

Result<void> FeedReceiver::take(const FileReached& step) {
  if (!begun_) return broken("the end of a file that was not begun");
  reached_ = true;
  return file_ ? file_->reached(step.file) : Result<void>();
}

Result<void> FeedReceiver::save() { return file_ ? file_->save() : Result<void>(); }

}  // namespace towl
