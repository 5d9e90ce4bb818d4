// Catalog knows a store's files as readers may see them: closed ones whole, the open one as far as it is durable.
//
// The pages of closed files are read once and kept, about 300 bytes a file, until the state's generation grows. A file
// that the system cannot open just now is left out, and looked for again a second later.
// Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "towl/mirror/served_file.hpp"
#include "towl/mirror/store_state.hpp"
#include "towl/store.hpp"

namespace towl {

/// All files, lowest ID first.
struct ServedFiles {
  std::shared_ptr<const std::vector<ServedFile>> closed;
  std::optional<ServedFile> open;
  FileId next_file_id = 1;

  /// Calls `visit` for each file with an ID above `after`, until it returns false.
  template <class Visit>
  void each_after(FileId after, Visit visit) const;
};

class Catalog {
 public:
  /// Borrows `state`, which says how far the store is durable now. `layer`: nullptr for posix_file_layer().
  Catalog(Store reader, const StoreStatePublisher& state, FileLayer* layer = nullptr);

  /// The same store, for a reader that may see only some of its files: those for which `shows` is true. The others look
  /// as if they had been removed. Shares what this catalog has read; `shows` is called from any thread.
  using Shows = std::function<bool(const Header&)>;
  Catalog narrowed(Shows shows) const;

  /// Errors: io, permission_denied.
  Result<ServedFiles> files() const;

  /// nullopt if there is no such file now.
  Result<std::optional<ServedFile>> find(FileId file_id) const;

  /// The first file after `file_id`.
  Result<std::optional<ServedFile>> next_after(FileId file_id) const;

  /// StoreWriter::identity(): "" until the store has one.
  std::string identity() const { return state_.get().identity; }

  std::filesystem::path path_of(FileId file_id) const { return reader_.path_of(file_id); }
  FileLayer& layer() const { return *layer_; }

  /// Some files are not shown.
  bool is_narrowed() const { return shows_ != nullptr; }

 private:
  using Files = std::shared_ptr<const std::vector<ServedFile>>;

  /// Of all files, shared with those that are narrowed.
  struct Read {
    std::mutex mutex;
    std::optional<std::uint64_t> generation;
    std::optional<std::chrono::steady_clock::time_point> look_again;
    Files closed;
  };
  /// The part of it that is shown, for as long as that is the same.
  struct Shown {
    std::mutex mutex;
    Files of;
    Files closed;
  };

  Result<Files> all_closed(const StoreState& state) const;
  Files shown_of(const Files& all) const;

  Store reader_;
  const StoreStatePublisher& state_;
  FileLayer* layer_;
  std::shared_ptr<Read> read_ = std::make_shared<Read>();
  Shows shows_;
  std::shared_ptr<Shown> shown_ = std::make_shared<Shown>();
};

template <class Visit>
void ServedFiles::each_after(FileId after, Visit visit) const {
  for (const ServedFile& file : *closed) {
    if (file.file_id() > after && !visit(file)) return;
  }
  // The open file is the newest one.
  if (open && open->file_id() > after) visit(*open);
}

}  // namespace towl
