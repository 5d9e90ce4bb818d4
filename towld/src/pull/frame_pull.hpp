// FramePull is the FilePull of files of format 2: stored frames, undecoded.
#pragma once

#include "pull/file_pull.hpp"
#include "v2/frame_feed.hpp"

namespace towld {

class FramePull final : public FilePull {
 public:
  static PullResult<std::unique_ptr<FilePull>> open(std::unique_ptr<towl::File> file, std::string path,
                                                    const PublicFile& info, std::uint64_t count,
                                                    const std::optional<Proof>& proof);

  /// `same_bytes`: the mirror has the file byte for byte up to COUNT, and is given what stands behind its entries too.
  FramePull(towl::detail::v2::FrameFeed feed, bool same_bytes) : feed_(std::move(feed)), same_bytes_(same_bytes) {}

  PullResult<StoredChunk> next(const PublicFile& file, std::size_t max_bytes, std::string spare) override;

 private:
  towl::detail::v2::FrameFeed feed_;
  bool same_bytes_;
};

}  // namespace towld
