// EntryFeed is the FileFeed of files of format 1.
//
// Format 1 has no table of its entries: they are walked up to COUNT, at about 1 GB/s.
#pragma once

#include <memory>
#include <string>

#include "towl/mirror/file_feed.hpp"

namespace towl::detail {

/// The error that a mirror is not a copy of the file.
tl::unexpected<Error> not_a_copy(FileId file_id, const std::string& difference);

class EntryFeed final : public FileFeed {
 public:
  static Result<std::unique_ptr<FileFeed>> begin(std::unique_ptr<File> opened, std::string path, const ServedFile& file,
                                                 std::uint64_t count, const std::optional<MirrorProof>& proof);

  EntryFeed(std::unique_ptr<File> file, std::string path, Position at)
      : file_(std::move(file)), path_(std::move(path)), at_(at) {}

  Result<Chunk> next(const ServedFile& file, std::size_t max_bytes, std::string spare) override;

 private:
  tl::unexpected<Error> damaged(std::string what) const;

  std::unique_ptr<File> file_;
  std::string path_;
  Position at_;
};

}  // namespace towl::detail
