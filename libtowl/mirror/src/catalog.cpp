#include "towl/mirror/catalog.hpp"

#include <algorithm>
#include <utility>

#include "pages_io.hpp"

namespace towl {
namespace {

// A look reads two pages of each file: with a bad block on the disk, it must not read all of them again and again.
constexpr auto kLookAgainAfter = std::chrono::seconds(1);

}  // namespace

Catalog::Catalog(Store reader, const StoreStatePublisher& state, FileLayer* layer)
    : reader_(std::move(reader)), state_(state), layer_(&detail::layer_or_posix(layer)) {}

Catalog Catalog::narrowed(Shows shows) const {
  Catalog catalog(*this);
  catalog.shows_ = std::move(shows);
  catalog.shown_ = std::make_shared<Shown>();
  return catalog;
}

Result<Catalog::Files> Catalog::all_closed(const StoreState& state) const {
  std::lock_guard lock(read_->mutex);
  const auto now = std::chrono::steady_clock::now();
  if (read_->generation != state.generation || (read_->look_again && now >= *read_->look_again)) {
    auto listing = reader_.list();
    if (!listing) return fail(std::move(listing.error()));
    auto closed = std::make_shared<std::vector<ServedFile>>();
    for (FileInfo& file : listing->files) {
      // The writer may be ahead of `state`: what it has begun since is not public yet.
      const bool is_open = state.open && file.file_id >= state.open->header.file_id;
      if (file.file_id >= state.next_file_id || is_open) continue;
      closed->push_back({std::move(file.header), file.index, file.size, false});
    }
    read_->closed = std::move(closed);
    read_->generation = state.generation;
    // A file that could not be read, for lack of descriptors, say, may be readable later.
    const bool complete = std::none_of(listing->unreadable.begin(), listing->unreadable.end(),
                                       [](const UnreadableFile& file) { return file.error.code == ErrorCode::io; });
    read_->look_again = complete ? std::nullopt : std::optional(now + kLookAgainAfter);
  }
  return read_->closed;
}

Catalog::Files Catalog::shown_of(const Files& all) const {
  std::lock_guard lock(shown_->mutex);
  if (shown_->of != all) {
    auto closed = std::make_shared<std::vector<ServedFile>>();
    for (const ServedFile& file : *all) {
      if (shows_(file.header)) closed->push_back(file);
    }
    shown_->closed = std::move(closed);
    shown_->of = all;
  }
  return shown_->closed;
}

Result<ServedFiles> Catalog::files() const {
  const StoreState state = state_.get();
  auto closed = all_closed(state);
  if (!closed) return fail(std::move(closed.error()));
  ServedFiles files{.closed = std::move(*closed), .open = std::nullopt, .next_file_id = state.next_file_id};
  if (state.open) files.open = ServedFile{state.open->header, state.open->index, state.open->end.offset, true};
  if (!shows_) return files;
  files.closed = shown_of(files.closed);
  if (files.open && !shows_(files.open->header)) files.open.reset();
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
