// FileFeed reads the stored bytes of one file from COUNT on: in chunks of whole frames (format 2) or whole entries
// (format 1). It is what FileMirror takes at the other end; StoreFeed goes on over files.
//
// They are sent as they are stored, and checked on the way: what is damaged is never sent. Only where COUNT is within a
// frame are entries decoded, and the frame's rest is framed again.
// Damage:    in format 2 a gap is sent for entries that cannot be read, with the digest after them, and what follows
//            goes on: both ends still agree about the rest. In format 1 nothing can be read after damage.
// Positions: are left out. They name sources and producers, which is nobody's business but the store's.
// Ownership: owns its descriptor: a file that is removed or replaced meanwhile is sent to its end as it was.
// Threads:   one at a time; a writer may append meanwhile.
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
  /// Where the frame that holds entry `count` is lost, the digest before it is not known, and is not compared.
  static Result<std::unique_ptr<FileFeed>> open(const std::filesystem::path& path, const ServedFile& file,
                                                std::uint64_t count, const std::optional<MirrorProof>& proof = {},
                                                FileLayer* layer = nullptr);

  /// The next part of what `file`, the same file as it is now, has: about `max_bytes`, more where one entry or frame
  /// has. Empty at its end. Copies that are the same byte for byte are also given what stands after the entries of a
  /// sealed file. `spare` is memory to use again, from an earlier chunk. Errors: corrupt with offset and ordinal
  /// (format 1, or a frame whose checksums hold and that makes no sense); io.
  virtual Result<Chunk> next(const ServedFile& file, std::size_t max_bytes, std::string spare = {}) = 0;
};

}  // namespace towl
