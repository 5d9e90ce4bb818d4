#include "towl/mirror/catalog.hpp"

#include <algorithm>
#include <utility>

#include "pages_io.hpp"

namespace towl {
namespace {

// A look reads two pages of each file: a disk with a bad block must not be asked for all of them again and again.
constexpr auto kLookAgainAfter = std::chrono::seconds(1);

}  // namespace

Catalog::Catalog(Store reader, const StoreStatePublisher& state, FileLayer* layer)
    : reader_(std::move(reader)), state_(state), layer_(&detail::layer_or_posix(layer)) {}

Result<ServedFiles> Catalog::files() const {
  const StoreState state = state_.get();
  ServedFiles files{.closed = nullptr, .open = std::nullopt, .next_file_id = state.next_file_id};
  if (state.open) files.open = ServedFile{state.open->header, state.open->index, state.open->end.offset, true};
  std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (generation_ != state.generation || (look_again_ && now >= *look_again_)) {
    auto listing = reader_.list();
    if (!listing) return fail(std::move(listing.error()));
    auto closed = std::make_shared<std::vector<ServedFile>>();
    for (FileInfo& file : listing->files) {
      // The writer may be ahead of `state`: what it has begun since is not public yet.
      if (file.file_id >= state.next_file_id || (files.open && file.file_id >= files.open->file_id())) continue;
      closed->push_back({std::move(file.header), file.index, file.size, false});
    }
    closed_ = std::move(closed);
    generation_ = state.generation;
    // What could not be read for want of descriptors, say, is there again later.
    const bool complete = std::none_of(listing->unreadable.begin(), listing->unreadable.end(),
                                       [](const UnreadableFile& file) { return file.error.code == ErrorCode::io; });
    look_again_ = complete ? std::nullopt : std::optional(now + kLookAgainAfter);
  }
  files.closed = closed_;
  return files;
}

Result<std::optional<ServedFile>> Catalog::find(FileId file_id) const {
  if (file_id == 0) return std::nullopt;
  auto found = next_after(file_id - 1);
  if (found && *found && (*found)->file_id() != file_id) return std::nullopt;
  return found;
}

Result<std::optional<ServedFile>> Catalog::next_after(FileId file_id) const {
  const auto all = files();
  if (!all) return fail(all.error());
  std::optional<ServedFile> found;
  all->each_after(file_id, [&](const ServedFile& file) {
    found = file;
    return false;
  });
  return found;
}

}  // namespace towl
