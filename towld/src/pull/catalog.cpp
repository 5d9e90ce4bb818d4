#include "pull/catalog.hpp"

#include <utility>

namespace towld {

Catalog::Catalog(towl::Store reader, const StoreStatePublisher& state) : reader_(std::move(reader)), state_(state) {}

towl::Result<PublicFiles> Catalog::files() const {
  const StoreState state = state_.get();
  PublicFiles files{.closed = nullptr, .open = std::nullopt, .next_file_id = state.next_file_id};
  if (state.open) files.open = PublicFile{state.open->header, state.open->index, state.open->end.offset, true};
  std::lock_guard lock(mutex_);
  if (generation_ != state.generation) {
    auto listing = reader_.list();
    if (!listing) return towl::fail(std::move(listing.error()));
    auto closed = std::make_shared<std::vector<PublicFile>>();
    for (towl::FileInfo& file : listing->files) {
      // The writer may be ahead of `state`: what it has begun since is not public yet.
      if (file.file_id >= state.next_file_id || (files.open && file.file_id >= files.open->file_id())) continue;
      closed->push_back({std::move(file.header), file.index, file.size, false});
    }
    closed_ = std::move(closed);
    generation_ = state.generation;
  }
  files.closed = closed_;
  return files;
}

towl::Result<std::optional<PublicFile>> Catalog::find(towl::FileId file_id) const {
  if (file_id == 0) return std::nullopt;
  auto found = next_after(file_id - 1);
  if (found && *found && (*found)->file_id() != file_id) return std::nullopt;
  return found;
}

towl::Result<std::optional<PublicFile>> Catalog::next_after(towl::FileId file_id) const {
  const auto all = files();
  if (!all) return towl::fail(all.error());
  std::optional<PublicFile> found;
  all->each_after(file_id, [&](const PublicFile& file) {
    found = file;
    return false;
  });
  return found;
}

}  // namespace towld
