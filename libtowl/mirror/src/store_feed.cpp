#include "towl/mirror/store_feed.hpp"

#include <filesystem>
#include <utility>

namespace towl {

Result<FeedStep> StoreFeed::begin(const ServedFile& file, std::uint64_t count,
                                  const std::optional<MirrorProof>& proof) {
  auto feed = FileFeed::open(catalog_.path_of(file.file_id()), file, count, proof, &catalog_.layer());
  if (!feed) return fail(std::move(feed.error()));
  feed_ = std::move(*feed);
  file_ = file;
  told_ = false;
  return FileBegins{file};
}

Result<void> StoreFeed::refresh() {
  auto now = catalog_.find(file_.file_id());
  if (!now) return fail(now.error());
  // A file that was removed in the meantime is still sent to its end: it is open.
  if (!*now) return {};
  if ((*now)->index.count != file_.index.count || (*now)->open != file_.open) told_ = false;
  file_ = std::move(**now);
  return {};
}

Result<FeedStep> StoreFeed::at_end() {
  if (!told_) {
    told_ = true;
    return FileReached{file_};
  }
  if (!start_.follow) return FeedEnds{};
  if (file_.open) return FeedWaits{};
  auto following = catalog_.next_after(file_.file_id());
  if (!following) return fail(following.error());
  if (!*following) return FeedWaits{};
  return begin(**following, 0, std::nullopt);
}

// Why there is no such file.
tl::unexpected<Error> StoreFeed::missing() const {
  const auto all = catalog_.files();
  if (!all) return fail(all.error());
  const std::string name = "file " + std::to_string(start_.file_id);
  if (start_.file_id == 0 || start_.file_id >= all->next_file_id) {
    return fail(ErrorCode::not_found, "there is no " + name + "; a list of files tells which there are");
  }
  const std::string path = catalog_.path_of(start_.file_id).string();
  // A reader that may see only some files is told of the others that they are gone.
  if (!catalog_.is_narrowed() && catalog_.layer().open(path, OpenMode::read)) {
    return fail(ErrorCode::corrupt, "its header or index page cannot be read", path);
  }
  return fail(ErrorCode::removed, name + " was removed by retention");
}

Result<FeedStep> StoreFeed::next(std::size_t max_bytes, std::string spare) {
  if (!feed_) {
    const std::string store = catalog_.identity();
    if (!start_.store.empty() && !store.empty() && start_.store != store) {
      return fail(ErrorCode::diverged, "this is another store than the one that is mirrored");
    }
    const auto file = catalog_.find(start_.file_id);
    if (!file) return fail(file.error());
    if (*file) return begin(**file, start_.count, start_.proof);
    return missing();
  }
  if (start_.follow) {
    if (auto done = refresh(); !done) return fail(std::move(done.error()));
  }
  auto chunk = feed_->next(file_, max_bytes, std::move(spare));
  if (!chunk) return fail(std::move(chunk.error()));
  if (chunk->bytes.empty()) return at_end();
  return std::move(*chunk);
}

}  // namespace towl
