// FileMirror owns the local copy of one file of another store and lets only what is whole and follows into it.
//
// Truth:   the entries. The index page is a hint that is written last; whoever is killed in between leaves a copy
//          whose end the next one finds. So an increment costs nothing in proportion to what is there already.
// Kills:   the file appears under its name with both pages at once (temporary name, rename); entries are only
//          added at the end. Whatever is cut off is half an entry or frame, and only after the other end has confirmed
//          the rest.
// Frames:  what the other end has re-framed meanwhile (sealed) and what it has framed anew for us fits after what is
//          here all the same: frames are linked again on arrival, and the digest proves that the entries are the same.
//          A copy that began with the sealed file becomes that file byte for byte.
// Gaps:    for entries that the other end has lost, a gap comes and is kept.
//          If the other end has them again,
//          the copy is healed: see lost() and FeedReceiver::open_beside().
// Threads: one at a time. Whoever writes to a folder holds its lock: see StoreMirror.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "towl/file_layer.hpp"
#include "towl/mirror/served_file.hpp"
#include "towl/result.hpp"

namespace towl {

class FileMirror {
 public:
  virtual ~FileMirror() = default;

  /// Looks at `folder`/ID.towl as the copy of `remote`; that there is none is no error. `layer`: nullptr for
  /// posix_file_layer(). Errors: invalid_argument and unsupported_version for a header that no file has; io.
  static Result<std::unique_ptr<FileMirror>> find(const std::filesystem::path& folder, const ServedFile& remote,
                                                  FileLayer* layer = nullptr);

  virtual const std::filesystem::path& path() const = 0;

  /// There is a copy.
  virtual bool exists() const = 0;

  /// What is there is no copy of `remote`: set_aside() before begin().
  virtual bool differs() const = 0;

  /// The copy is sealed (format 2).
  virtual bool sealed() const = 0;

  /// Entries, and where the next one goes.
  virtual std::uint64_t count() const = 0;
  virtual std::uint64_t end() const = 0;

  /// Nothing is missing, as far as pages and size tell.
  virtual bool up_to_date(const ServedFile& remote) const = 0;

  /// Gaps in the copy. Where they are more than in the other end's file, entries may be there again.
  virtual std::uint32_t gaps() const = 0;

  /// Which entries are lost in the copy, read from its frames. Errors: io.
  virtual Result<std::vector<LostEntries>> lost() = 0;

  /// Whether a chunk, which begins with an entry that is lost here, has it.
  virtual bool heals(const ChunkView& chunk) const = 0;

  /// Which entries came as gaps since the last call.
  virtual std::vector<LostEntries> take_new_gaps() = 0;

  /// The proof for a FeedStart at count(), once the copy exists.
  virtual Result<MirrorProof> proof() = 0;

  /// Finds count() and end() by reading all entries. Writes nothing.
  virtual Result<void> recount() = 0;

  /// Renames the copy to ID.towl.diverged, .diverged.1, …, whichever is free; returns the new path.
  virtual Result<std::filesystem::path> set_aside() = 0;

  /// The other end has accepted count() and the proof: creates the copy, or cuts what stands after end().
  virtual Result<void> begin() = 0;

  /// Adds entries after the last one. Errors: corrupt where the chunk is not exactly that, without a file: nothing is
  /// written then; no_space, io.
  virtual Result<void> append(const ChunkView& chunk) = 0;

  /// Writes the index page: the other end says that this is all up to here. For a closed file this returns once
  /// everything is on stable storage. Errors: corrupt, without a file, where that does not fit what was received;
  /// no_space, io.
  virtual Result<void> reached(const ServedFile& remote) = 0;

  /// Makes index page and stable storage agree with what was received, where they do not yet.
  virtual Result<void> save() = 0;
};

}  // namespace towl
