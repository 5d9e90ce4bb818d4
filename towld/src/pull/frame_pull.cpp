#include "pull/frame_pull.hpp"

#include <utility>

namespace towld {

using towl::detail::v2::FrameFeed;
using towl::detail::v2::FrameRun;

PullResult<std::unique_ptr<FilePull>> FramePull::open(std::unique_ptr<towl::File> file, std::string path,
                                                      const PublicFile& info, std::uint64_t count,
                                                      const std::optional<Proof>& proof) {
  auto feed = FrameFeed::open(std::move(file), std::move(path), info.header.uuid);
  if (!feed) return refuse(feed.error());
  if (auto done = feed->seek(count); !done) return refuse(done.error());
  if (proof && proof->digest != feed->digest()) {
    return refuse_diverged(info.file_id(), "the digest of its first " + std::to_string(count) + " entries differs");
  }
  const bool same_bytes = count == 0 || (proof && feed->boundary() == FrameFeed::Boundary{proof->size, proof->chain});
  return std::make_unique<FramePull>(std::move(*feed), same_bytes);
}

PullResult<StoredChunk> FramePull::next(const PublicFile& file, std::size_t max_bytes, std::string spare) {
  const bool entries = feed_.count() < file.index.count;
  if (!entries && !(same_bytes_ && file.index.sealed)) return StoredChunk{};
  auto run = entries ? feed_.next(file.index.count, max_bytes, std::move(spare))
                     : feed_.next_trailer(max_bytes, std::move(spare));
  if (!run) return refuse(run.error());
  return StoredChunk{run->at, run->count, std::move(run->bytes)};
}

}  // namespace towld
