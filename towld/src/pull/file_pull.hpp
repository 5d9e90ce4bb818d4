// FilePull reads the stored entries of one file from COUNT on: in chunks of whole entries (format 1) or whole frames
// (format 2).
//
// They are sent as they are stored, and checked on the way: what is damaged is an error, never sent.
// One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "pull/catalog.hpp"
#include "pull/entry_points.hpp"
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
  std::uint64_t digest = 0;
  std::uint32_t chain = 0;
};

/// The proof covers at most so much before the mirror's end.
inline constexpr std::uint64_t kProofBytes = std::uint64_t{64} << 10;

/// Whole entries or frames, as they are stored. Without entries: what stands behind those of a sealed file.
struct StoredChunk {
  towl::Position at;
  std::uint64_t count = 0;
  std::string bytes;
};

class FilePull {
 public:
  virtual ~FilePull() = default;

  /// Opens `file` to be sent from `count` on. Errors: past_end, diverged, retired, damaged, io.
  static PullResult<std::unique_ptr<FilePull>> open(const Catalog& catalog, EntryPoints& points, const PublicFile& file,
                                                    std::uint64_t count, const std::optional<Proof>& proof);

  /// The next part of what `file`, the same file as it is now, has: about `max_bytes`, more where one entry or frame
  /// has. Empty at its end. Errors: damaged, io.
  /// `spare` is memory to use again, from an earlier chunk.
  virtual PullResult<StoredChunk> next(const PublicFile& file, std::size_t max_bytes, std::string spare) = 0;
};

/// For the files beside: a refusal for an error of libtowl, and one that the mirror is another file.
tl::unexpected<PullRefusal> refuse(const towl::Error& error);
tl::unexpected<PullRefusal> refuse_diverged(towl::FileId file_id, const std::string& difference);

}  // namespace towld
