// MirrorFile owns the local copy of one of a collector's files and lets only whole, consecutive entries into it.
//
// Truth:  the entries. The index page is a hint that is written last; whoever is killed in between leaves a copy
//         whose size and count disagree, which the collector's check of the proof finds and recount() heals. So an
//         increment costs nothing in proportion to what is there already.
// Kills:  the file appears under its name with both pages at once (temporary name, rename); entries are only
//         added at the end. Whatever is cut off is half an entry, and only after the collector has confirmed the rest.
// Threads: one at a time. The mirror's lock is held by the caller.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sync/remote_file.hpp"
#include "towl/file_layer.hpp"
#include "towl/result.hpp"

namespace towlctl {

/// What shows the collector that the copy is a copy of its file.
struct MirrorProof {
  std::uint64_t size = 0;
  towl::Timestamp opened = 0;
  std::uint32_t tail_crc32c = 0;
};

/// Some entries as they came. Borrows its bytes.
struct ChunkView {
  std::uint64_t offset = 0;
  towl::Ordinal first = 0;
  std::uint64_t count = 0;
  std::string_view data;
};

class MirrorFile {
 public:
  /// Looks at `folder`/ID.towl as the copy of `remote`; that there is none is no error. Errors: io, …
  static towl::Result<MirrorFile> find(const std::filesystem::path& folder, const RemoteFile& remote,
                                       towl::FileLayer& layer);

  /// There is a copy.
  bool exists() const { return file_ != nullptr; }

  /// What is there has another file's pages: set_aside() before begin().
  bool differs() const { return differs_; }

  /// Nothing is missing, as far as pages and size tell.
  bool up_to_date(const RemoteFile& remote) const;

  /// Entries, and where the next one goes.
  std::uint64_t count() const { return count_; }
  std::uint64_t end() const { return end_; }

  /// The proof for PullRequest at count().
  towl::Result<MirrorProof> proof() const;

  /// Finds count() and end() by reading all entries. Writes nothing.
  towl::Result<void> recount();

  /// Renames the copy to ID.towl.diverged, .diverged.1, …, whichever is free; returns the new path.
  towl::Result<std::filesystem::path> set_aside();

  /// The collector has accepted count() and the proof: creates the copy, or cuts what stands behind end().
  towl::Result<void> begin();

  /// Adds entries behind the last one. Errors: corrupt where the chunk is not exactly that, nothing is written then;
  /// no_space, io.
  towl::Result<void> append(const ChunkView& chunk);

  /// Writes the index page: the collector says that this is all up to here. For a closed file this returns once
  /// everything is on stable storage. Errors: corrupt where that does not fit what was received; no_space, io.
  towl::Result<void> reached(const RemoteFile& remote);

  /// Makes index page and stable storage agree with what was received, where they do not yet.
  towl::Result<void> save();

  const std::filesystem::path& path() const { return path_; }

 private:
  MirrorFile(std::filesystem::path folder, const RemoteFile& remote, std::string header_page, towl::FileLayer& layer);

  towl::Result<void> look();
  towl::Result<void> create();
  towl::Result<void> write_index(const towl::Index& index);
  towl::Result<void> sync();

  std::filesystem::path folder_;
  std::filesystem::path path_;
  towl::FileLayer* layer_;
  std::string header_page_;  // what the copy's must be
  towl::Timestamp opened_;   // likewise

  std::unique_ptr<towl::File> file_;
  bool begun_ = false;  // file_ is open for writing
  bool differs_ = false;
  bool index_readable_ = false;
  towl::Index index_;  // as in the file
  towl::Index now_;    // as it would be written now, without `closed`
  std::uint64_t count_ = 0;
  std::uint64_t end_ = 0;
  std::uint64_t size_ = 0;  // of the file
  std::uint64_t unsynced_bytes_ = 0;
};

}  // namespace towlctl
