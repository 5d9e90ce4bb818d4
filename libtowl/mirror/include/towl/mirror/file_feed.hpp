// FileFeed reads the stored bytes of one file from COUNT on: in chunks of whole frames (format 2) or whole entries
// (format 1). FileMirror takes them at the other end; StoreFeed goes on over files.
//
// Bytes are sent as they are stored, and checked on the way: what is damaged is never sent. Entries are decoded only if
// COUNT is within a frame; the rest of that frame is then framed again.
// Damage:    in format 2 a gap is sent for entries that cannot be read, with the digest after them, and sending goes on
//            after it: both ends still agree about the rest. In format 1 nothing can be read after damage.
// Positions: are left out. They name sources and producers, which are only the store's business.
// Ownership: owns its descriptor: a file that is removed or replaced while it is sent is sent to its end as it was.
// Threads:   one at a time; a writer may append at the same time.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "towl/file_layer.hpp"
#include "towl/mirror/served_file.hpp"
#include "towl/result.hpp"

namespace towl {

class FileFeed {
 public:
  virtual ~FileFeed() = default;

  /// Opens `path`, which is `file`, to be sent from entry `count` on. `layer`: nullptr for posix_file_layer().
  /// Errors: past_end, diverged (the proof is that of another file), removed, corrupt with offset and ordinal, io.
  /// If the frame that holds entry `count` is lost, the digest before it is not known, and is not compared.
  static Result<std::unique_ptr<FileFeed>> open(const std::filesystem::path& path, const ServedFile& file,
                                                std::uint64_t count, const std::optional<MirrorProof>& proof = {},
                                                FileLayer* layer = nullptr);

  /// The next part of `file`, which is the same file as it is now: about `max_bytes`, more if one entry or frame is
  /// larger. Empty at its end. Copies that are the same byte for byte are also given what follows the entries of a
  /// sealed file. `spare` is memory to reuse, from an earlier chunk. Errors: corrupt with offset and ordinal
  /// (format 1, or a frame that makes no sense though its checksums hold); io.
  virtual Result<Chunk> next(const ServedFile& file, std::size_t max_bytes, std::string spare = {}) = 0;
};

}  // namespace towl
