// EntryPull is the FilePull of files of format 1.
#pragma once

#include "pull/file_pull.hpp"

namespace towld {

class EntryPull final : public FilePull {
 public:
  static PullResult<std::unique_ptr<FilePull>> open(std::unique_ptr<towl::File> file, std::string path,
                                                    EntryPoints& points, const PublicFile& info, std::uint64_t count,
                                                    const std::optional<Proof>& proof);

  EntryPull(std::unique_ptr<towl::File> file, std::string path, towl::Position at)
      : file_(std::move(file)), path_(std::move(path)), at_(at) {}

  PullResult<StoredChunk> next(const PublicFile& file, std::size_t max_bytes, std::string spare) override;

 private:
  PullResult<void> read(std::uint64_t bytes, std::string& buffer);
  tl::unexpected<PullRefusal> damaged(const std::string& what) const;

  std::unique_ptr<towl::File> file_;
  std::string path_;
  towl::Position at_;
};

}  // namespace towld
