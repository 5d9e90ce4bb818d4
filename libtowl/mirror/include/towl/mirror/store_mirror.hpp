// StoreMirror is a folder with copies of another store's files. It knows which store that is; FeedReceiver takes what
// a StoreFeed of that store sends.
//
// Exactly once by construction: a pull, also one after a loss in the middle, asks for "everything from COUNT on", and
// COUNT is what the copy holds.
// Whose:   the identity of the store (StoreWriter::identity()) is kept as `mirror.identity` in the folder: a hint.
//          If it is lost, the identity of the next store is taken,
//          and the proof of each file decides whether it is a copy.
// Writer:  one at a time, by the lock file that a store's writer takes.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "towl/file_layer.hpp"
#include "towl/mirror/file_mirror.hpp"
#include "towl/mirror/store_feed.hpp"
#include "towl/result.hpp"

namespace towl {

/// Move-only. One thread at a time; file() and the mirrors that it gives may be used by several, one file each.
class StoreMirror {
 public:
  /// Opens the mirror in `folder`, creating it if needed, and takes its lock. `layer`: nullptr for
  /// posix_file_layer(); must outlive the mirror. Errors: locked, permission_denied, io.
  static Result<StoreMirror> open(const std::filesystem::path& folder, FileLayer* layer = nullptr);

  const std::filesystem::path& folder() const { return folder_; }
  FileLayer& layer() const { return *layer_; }

  /// The store whose files are here; "" while that is not known.
  const std::string& identity() const { return identity_; }

  /// The other end is the store with this identity; nothing happens if it has none. If the files here are those of
  /// another store, they are moved to `store-IDENTITY` in the folder, which is returned, so that no two stores' files
  /// are mixed. Errors: invalid_argument (no identity), no_space, io; what was moved by then stays moved.
  Result<std::optional<std::filesystem::path>> meet(std::string_view identity);

  /// FileMirror::find() in this folder.
  Result<std::unique_ptr<FileMirror>> file(const ServedFile& remote) const {
    return FileMirror::find(folder_, remote, layer_);
  }

 private:
  StoreMirror(std::filesystem::path folder, FileLayer& layer, std::unique_ptr<FileLock> lock)
      : folder_(std::move(folder)), layer_(&layer), lock_(std::move(lock)) {}

  Result<void> load();
  Result<void> keep(std::string_view identity);
  Result<std::filesystem::path> move_files_aside();

  std::filesystem::path folder_;
  FileLayer* layer_;
  std::unique_ptr<FileLock> lock_;
  std::string identity_;
};

/// The receiving end of one StoreFeed: adds what arrives to the copies, file after file. A step that breaks the rules
/// of a feed is the error corrupt, without a file. One thread at a time.
class FeedReceiver {
 public:
  /// Borrows the mirror. Files that are not `wanted` are skipped.
  explicit FeedReceiver(const StoreMirror& mirror, std::function<bool(const ServedFile&)> wanted = {})
      : mirror_(&mirror), wanted_(std::move(wanted)) {}

  /// Looks for the copy of `remote`, which is then file(). Errors: those of FileMirror::find().
  Result<void> open(const ServedFile& remote);

  /// The same for a second copy: for a file that has gaps and may be healed. Once it is complete, heal() puts it in the
  /// first copy's place. It keeps what was received of it earlier.
  Result<void> open_beside(const ServedFile& remote);
  Result<void> heal();

  /// What to ask for to complete that copy; with `follow`, also to go on with the files after it.
  Result<FeedStart> start(bool follow = false);

  /// The steps of the feed, in their order. Errors: corrupt; already_exists (there is a copy of a file that the feed
  /// begins from its first entry: an open() of its own has to compare it); no_space, io.
  Result<void> take(const FileBegins& step);
  Result<void> take(const ChunkView& chunk);
  Result<void> take(const FileReached& step);

  /// All of a file was received: the feed may end here.
  bool complete() const { return reached_; }

  /// The copy that is being received; null before open() and while a file is skipped.
  FileMirror* file() const { return file_.get(); }

  /// FileMirror::save() of the copy. Call it now and then, and before the receiver is destroyed.
  Result<void> save();

 private:
  const StoreMirror* mirror_;
  std::function<bool(const ServedFile&)> wanted_;
  std::unique_ptr<FileMirror> file_;
  ServedFile expected_;  // what open() was given
  FileId file_id_ = 0;   // that the feed is in
  bool follow_ = false;
  bool begun_ = false;
  bool reached_ = false;
};

}  // namespace towl
