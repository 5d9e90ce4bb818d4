// FilePull reads the stored entries of one file from COUNT on, in chunks of whole entries.
//
// They are sent as they are stored. Each is checked on the way: a damaged one is an error, never sent.
// One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "read/catalog.hpp"
#include "read/entry_points.hpp"
#include "towl/file_layer.hpp"

namespace towld {

/// Why a pull ends without having sent everything.
struct PullRefusal {
  enum class Reason {
    unknown,   ///< The store never had the file.
    retired,   ///< Retention has removed it.
    past_end,  ///< COUNT is more than there is.
    diverged,  ///< The mirror is not a copy of the file.
    damaged,
    io,
  };
  Reason reason;
  std::string message;
};

template <class T>
using PullResult = tl::expected<T, PullRefusal>;

/// What the client says it holds; see MirrorProof in towl.proto.
struct Proof {
  std::uint64_t size = 0;
  std::int64_t opened = 0;
  std::uint32_t tail_crc32c = 0;
};

/// The proof covers at most so much before the mirror's end.
inline constexpr std::uint64_t kProofBytes = std::uint64_t{64} << 10;

/// Whole entries, as they are stored.
struct StoredChunk {
  towl::Position at;
  std::uint64_t count = 0;
  std::string bytes;
};

class FilePull {
 public:
  /// Opens `file` to be sent from `count` on. Errors: past_end, diverged, retired, damaged, io.
  static PullResult<FilePull> open(const Catalog& catalog, EntryPoints& points, const PublicFile& file,
                                   std::uint64_t count, const std::optional<Proof>& proof);

  /// The next entries of what `file`, the same file as it is now, has: about `max_bytes`, more where one entry has.
  /// None at its end. Errors: damaged, io.
  /// `spare` is memory to use again, from an earlier chunk.
  PullResult<StoredChunk> next(const PublicFile& file, std::size_t max_bytes, std::string spare = {});

  towl::FileId file_id() const { return file_id_; }
  const towl::Position& position() const { return at_; }

 private:
  FilePull(std::unique_ptr<towl::File> file, std::string path, towl::FileId file_id, towl::Position at)
      : file_(std::move(file)), path_(std::move(path)), file_id_(file_id), at_(at) {}

  PullResult<void> read(std::uint64_t bytes, std::string& buffer);
  tl::unexpected<PullRefusal> damaged(const std::string& what) const;

  std::unique_ptr<towl::File> file_;
  std::string path_;
  towl::FileId file_id_;
  towl::Position at_;
};

}  // namespace towld
