// StoreFeed is what one end of a mirror sends, step by step: for each file its beginning, its chunks, and that all of
// it was sent. With `follow` it goes on with the files that come after. The other end gives the steps to a StoreMirror,
// whatever transport carries them.
//
// Without `follow` it sends what was durable when it began, however much is written while it runs.
// One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "towl/mirror/catalog.hpp"
#include "towl/mirror/file_feed.hpp"

namespace towl {

/// A file begins.
struct FileBegins {
  ServedFile file;
};
/// Everything that is durable was sent.
struct FileReached {
  ServedFile file;
};
/// Nothing to send until the store changes.
struct FeedWaits {};
/// All was sent.
struct FeedEnds {};

using FeedStep = std::variant<FileBegins, Chunk, FileReached, FeedWaits, FeedEnds>;

class StoreFeed {
 public:
  /// Borrows the catalog.
  StoreFeed(FeedStart start, const Catalog& catalog) : start_(std::move(start)), catalog_(catalog) {}

  /// The next step, with chunks of about `max_bytes`. `spare` is memory to reuse, from an earlier chunk.
  /// Errors: not_found (no such file ever), and those of FileFeed.
  Result<FeedStep> next(std::size_t max_bytes, std::string spare = {});

 private:
  Result<FeedStep> begin(const ServedFile& file, std::uint64_t count, const std::optional<MirrorProof>& proof);
  Result<FeedStep> at_end();
  Result<void> refresh();
  tl::unexpected<Error> missing() const;

  FeedStart start_;
  const Catalog& catalog_;
  std::unique_ptr<FileFeed> feed_;
  ServedFile file_;    // what is being sent, as it was when last looked at
  bool told_ = false;  // that all of file_ was sent
};

}  // namespace towl
