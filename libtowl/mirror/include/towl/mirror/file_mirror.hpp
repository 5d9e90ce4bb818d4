// FileMirror owns the local copy of one file of another store. It accepts only what is whole and continues the copy.
//
// Truth:   the entries. The index page is a hint that is written last. If a process is killed in between, the next one
//          finds the copy's end. So the cost of an increment does not grow with the size of the copy.
// Kills:   the file appears under its name with both pages at once (temporary name, rename); entries are only
//          added at the end. Only half an entry or frame is ever cut off, and only after the other end has confirmed
//          the rest.
// Frames:  the other end may have sealed its file since the last pull, which puts the entries into other frames; or it
//          may have framed the rest of a frame again for us. Both kinds of frames can still be added to the copy: they
//          are linked again on arrival, and the digest proves that the entries before them are the same.
//          A copy that began with the sealed file becomes that file byte for byte.
// Gaps:    for entries that the other end has lost, a gap comes and is kept. If the other end has them again, the copy
//          is healed: see lost() and FeedReceiver::open_beside().
// Threads: one at a time. A process that writes to a folder holds its lock: see StoreMirror.
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

  /// Looks at `folder`/ID.towl as the copy of `remote`; a missing copy is no error. `layer`: nullptr for
  /// posix_file_layer(). Errors: invalid_argument and unsupported_version for a header that no file has; io.
  static Result<std::unique_ptr<FileMirror>> find(const std::filesystem::path& folder, const ServedFile& remote,
                                                  FileLayer* layer = nullptr);

  virtual const std::filesystem::path& path() const = 0;

  /// There is a copy.
  virtual bool exists() const = 0;

  /// The existing file is no copy of `remote`: call set_aside() before begin().
  virtual bool differs() const = 0;

  /// The copy is sealed (format 2).
  virtual bool sealed() const = 0;

  /// Entries, and where the next one goes.
  virtual std::uint64_t count() const = 0;
  virtual std::uint64_t end() const = 0;

  /// Nothing is missing, as far as the pages and the size tell.
  virtual bool up_to_date(const ServedFile& remote) const = 0;

  /// Gaps in the copy. If the other end's file has fewer, it may have some of the lost entries again.
  virtual std::uint32_t gaps() const = 0;

  /// Which entries are lost in the copy, read from its frames. Errors: io.
  virtual Result<std::vector<LostEntries>> lost() = 0;

  /// Whether `chunk`, which begins with an entry that is lost here, has that entry.
  virtual bool heals(const ChunkView& chunk) const = 0;

  /// Which entries came as gaps since the last call.
  virtual std::vector<LostEntries> take_new_gaps() = 0;

  /// The proof for a FeedStart at count(), once the copy exists.
  virtual Result<MirrorProof> proof() = 0;

  /// Finds count() and end() by reading all entries. Writes nothing.
  virtual Result<void> recount() = 0;

  /// Renames the copy to ID.towl.diverged, .diverged.1, …, whichever is free; returns the new path.
  virtual Result<std::filesystem::path> set_aside() = 0;

  /// The other end has accepted count() and the proof: creates the copy, or cuts off what is after end().
  virtual Result<void> begin() = 0;

  /// Adds entries after the last one. Errors: corrupt, without a file, if the chunk is not exactly the next entries:
  /// nothing is written then; no_space, io.
  virtual Result<void> append(const ChunkView& chunk) = 0;

  /// Writes the index page: the other end says that this is all up to here. For a closed file this returns once
  /// everything is on stable storage. Errors: corrupt, without a file, if `remote` does not fit what was received;
  /// no_space, io.
  virtual Result<void> reached(const ServedFile& remote) = 0;

  /// Makes the index page and stable storage agree with what was received, if they do not yet.
  virtual Result<void> save() = 0;
};

}  // namespace towl
