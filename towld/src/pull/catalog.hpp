// Catalog knows the store's files as readers may see them: closed ones whole, the open one as far as it is durable.
//
// The pages of closed files are read once and kept, about 300 bytes a file.
// Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "state/store_state.hpp"
#include "towl/store.hpp"

namespace towld {

/// A file as readers may see it.
struct PublicFile {
  towl::Header header;
  towl::Index index;       ///< `count` is how many entries may be read.
  std::uint64_t size = 0;  ///< Where the last of them ends.
  bool open = false;       ///< More may follow.

  towl::FileId file_id() const { return header.file_id; }
};

/// All files, lowest ID first.
struct PublicFiles {
  std::shared_ptr<const std::vector<PublicFile>> closed;
  std::optional<PublicFile> open;
  towl::FileId next_file_id = 1;

  /// Calls `visit` for each file with an ID above `after`, until it returns false.
  template <class Visit>
  void each_after(towl::FileId after, Visit visit) const;
};

class Catalog {
 public:
  /// Borrows `state`.
  Catalog(towl::Store reader, const StoreStatePublisher& state);

  /// Errors: io, permission_denied.
  towl::Result<PublicFiles> files() const;

  /// nullopt where there is no such file now.
  towl::Result<std::optional<PublicFile>> find(towl::FileId file_id) const;

  /// The first file behind `file_id`.
  towl::Result<std::optional<PublicFile>> next_after(towl::FileId file_id) const;

  std::filesystem::path path_of(towl::FileId file_id) const { return reader_.path_of(file_id); }

 private:
  towl::Store reader_;
  const StoreStatePublisher& state_;
  mutable std::mutex mutex_;
  mutable std::optional<std::uint64_t> generation_;
  mutable std::shared_ptr<const std::vector<PublicFile>> closed_;
};

template <class Visit>
void PublicFiles::each_after(towl::FileId after, Visit visit) const {
  for (const PublicFile& file : *closed) {
    if (file.file_id() > after && !visit(file)) return;
  }
  // The open file is the newest one.
  if (open && open->file_id() > after) visit(*open);
}

}  // namespace towld
