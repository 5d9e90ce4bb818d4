// PullSequence is what a Pull answers with, step by step: for each file its beginning, its chunks, and that all of it
// was sent; with `follow`, on over the files that come after.
//
// Without `follow` it sends what was durable when it began, however much is written meanwhile.
// One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "pull/catalog.hpp"
#include "pull/file_pull.hpp"

namespace towld {

struct PullStart {
  towl::FileId file_id = 0;
  std::uint64_t count = 0;
  bool follow = false;
  std::optional<Proof> proof = {};
};

/// A file begins.
struct FileBegins {
  PublicFile file;
};
/// Everything that is durable was sent.
struct FileReached {
  PublicFile file;
};
/// Nothing to send until the store changes.
struct PullWaits {};
/// All was sent.
struct PullEnds {};

using PullStep = std::variant<FileBegins, StoredChunk, FileReached, PullWaits, PullEnds>;

class PullSequence {
 public:
  /// Borrows both.
  PullSequence(PullStart start, const Catalog& catalog, EntryPoints& points)
      : start_(start), catalog_(catalog), points_(points) {}

  /// The next step, with chunks of about `max_bytes`. `spare` is memory to use again, from an earlier chunk.
  PullResult<PullStep> next(std::size_t max_bytes, std::string spare = {});

 private:
  PullResult<PullStep> begin(const PublicFile& file, std::uint64_t count, const std::optional<Proof>& proof);
  PullResult<PullStep> at_end();
  PullResult<void> refresh();

  PullStart start_;
  const Catalog& catalog_;
  EntryPoints& points_;
  std::unique_ptr<FilePull> pull_;
  PublicFile file_;    // what is being sent, as it was when last looked at
  bool told_ = false;  // that all of file_ was sent
};

}  // namespace towld
