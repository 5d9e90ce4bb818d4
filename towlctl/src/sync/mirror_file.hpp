// MirrorFile owns the local copy of one of a collector's files and lets only what is whole and follows into it.
//
// Truth:  the entries. The index page is a hint that is written last; whoever is killed in between leaves a copy
//         whose end the next one finds. So an increment costs nothing in proportion to what is there already.
// Kills:  the file appears under its name with both pages at once (temporary name, rename); entries are only
//         added at the end. Whatever is cut off is half an entry or frame, and only after the collector has confirmed
//         the rest.
// Forms:  EntryMirror for format 1, FrameMirror for format 2.
// Threads: one at a time. The mirror's lock is held by the caller.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "collector/pull_stream.hpp"
#include "collector/remote_file.hpp"
#include "towl/file_layer.hpp"
#include "towl/result.hpp"

namespace towlctl {

class MirrorFile {
 public:
  virtual ~MirrorFile() = default;

  /// Looks at `folder`/ID.towl as the copy of `remote`; that there is none is no error. Errors: io, …
  static towl::Result<std::unique_ptr<MirrorFile>> find(const std::filesystem::path& folder, const RemoteFile& remote,
                                                        towl::FileLayer& layer);

  /// There is a copy.
  bool exists() const { return file_ != nullptr; }

  /// What is there has another file's pages: set_aside() before begin().
  bool differs() const { return differs_; }

  /// The copy is sealed (format 2).
  virtual bool sealed() const { return false; }

  /// Entries, and where the next one goes.
  std::uint64_t count() const { return count_; }
  std::uint64_t end() const { return end_; }

  /// Nothing is missing, as far as pages and size tell.
  virtual bool up_to_date(const RemoteFile& remote) const = 0;

  /// The proof for PullRequest at count().
  virtual towl::Result<MirrorProof> proof() const = 0;

  /// Finds count() and end() by reading all entries. Writes nothing.
  virtual towl::Result<void> recount() = 0;

  /// Renames the copy to ID.towl.diverged, .diverged.1, …, whichever is free; returns the new path.
  towl::Result<std::filesystem::path> set_aside();

  /// The collector has accepted count() and the proof: creates the copy, or cuts what stands behind end().
  virtual towl::Result<void> begin() = 0;

  /// Adds entries behind the last one. Errors: corrupt where the chunk is not exactly that, nothing is written then;
  /// no_space, io.
  virtual towl::Result<void> append(const ChunkView& chunk) = 0;

  /// Writes the index page: the collector says that this is all up to here. For a closed file this returns once
  /// everything is on stable storage. Errors: corrupt where that does not fit what was received; no_space, io.
  virtual towl::Result<void> reached(const RemoteFile& remote) = 0;

  /// Makes index page and stable storage agree with what was received, where they do not yet.
  virtual towl::Result<void> save() = 0;

  const std::filesystem::path& path() const { return path_; }

 protected:
  MirrorFile(std::filesystem::path folder, const RemoteFile& remote, std::string front, towl::FileLayer& layer);

  /// Opens what is there and sets everything below.
  virtual towl::Result<void> look() = 0;

  /// Makes the copy from front_, complete under its name or not there; open for writing then.
  towl::Result<void> create();

  /// Opens the copy that is there for writing, and cuts what stands behind end().
  towl::Result<void> open_to_append();

  /// Writes at end(); where that fails what was there stays.
  towl::Result<void> write_behind(std::string_view bytes);

  towl::Result<void> sync();

  std::filesystem::path folder_;
  std::filesystem::path path_;
  towl::FileLayer* layer_;
  std::string front_;       // what stands before the first entry of a new copy; its header page is that of every copy
  towl::Timestamp opened_;  // as the index page must say

  std::unique_ptr<towl::File> file_;
  bool begun_ = false;  // file_ is open for writing
  bool differs_ = false;
  std::uint64_t count_ = 0;
  std::uint64_t end_ = 0;
  std::uint64_t size_ = 0;  // of the file
  std::uint64_t unsynced_bytes_ = 0;
};

}  // namespace towlctl
