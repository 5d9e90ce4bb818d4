// FileWriter appends entries to one towl file.
//
// Durability: append() gathers entries in memory; flush() hands them to the operating system, so that they survive
//             the death of the process; sync() returns once they are on stable storage.
// Failure:    If append() or flush() fails for lack of space, the file stays as it was. Entries that were gathered
//             but not flushed are still held: a later flush() tries again, or discard() drops them. A failed sync()
//             is final: what was written since the last successful sync is uncertain, every later call except
//             durable() answers `closed`, and sync is never tried again on this file.
// Threads:    one thread at a time. One writer per file: the store's lock ensures that, not this class.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "towl/entry.hpp"
#include "towl/file_layer.hpp"
#include "towl/file_reader.hpp"
#include "towl/header.hpp"
#include "towl/recover.hpp"
#include "towl/result.hpp"
#include "towl/source_position.hpp"

namespace towl {

/// What the pages of a new file say.
struct NewFile {
  FileId file_id = 0;
  std::string org = {};
  std::string title = {};
  Timestamp opened = now();
  FileFormat format = FileFormat::v2;
  std::optional<Uuid> uuid = {};  ///< Format 2; absent: a random one. Two files must never have the same.
};

struct WriteOptions {
  FileLayer* layer = nullptr;  ///< nullptr: posix_file_layer(). Must outlive the writer.
  /// Larger entries (sender and text together) are refused.
  std::size_t max_entry_bytes = kMaxEntryBytes;
  /// append() flushes by itself before more than this is gathered.
  std::size_t buffer_bytes = kWriteBufferBytes;
  /// Format 2: compress what is flushed at once if it is 16 KiB or more (zstd's fast level 1). About half the bytes,
  /// at a third of the rate. Sealing compresses everything again in any case.
  bool compress = false;
  /// Keep a copy of what was written since the last sync, for visit_unsynced().
  bool keep_unsynced = false;
  /// Makes the signed head that a file ends with when it is closed, as HeadSigner makes it, over the first `count`
  /// entries, which are all of the file's. An empty function, or an empty result: no head. Format 2.
  std::function<std::string(const std::filesystem::path& path, std::uint64_t count)> closing_head = {};
  /// The current time, used to rewrite the index page at most once a second.
  std::function<Timestamp()> clock = now;
};

/// What abandon() leaves in the file.
enum class Keep {
  durable,       ///< What is sure to be on stable storage.
  acknowledged,  ///< That, and what a client was told is stored: it may still be there.
};

class FileWriter {
 public:
  /// Creates `path`: complete under its name, or not at all, even if the power fails. The folder is
  /// synced too. Errors: already_exists, invalid_argument (org and title do not fit the page), no_space,
  /// permission_denied, not_found (the folder), io.
  static Result<FileWriter> create(const std::filesystem::path& path, const NewFile& file,
                                   const WriteOptions& options = {});

  /// Opens `path` to append. A torn tail is first saved aside and cut off, as recover() does; a closed file is
  /// opened again (its `closed` time is removed). Errors: those of recover(); closed if the file is sealed.
  static Result<FileWriter> open(const std::filesystem::path& path, const WriteOptions& options = {});

  FileWriter(FileWriter&&) noexcept;
  FileWriter& operator=(FileWriter&&) noexcept;
  /// Flushes what was not flushed yet, ignoring errors: call close() to learn of them.
  ~FileWriter();

  /// Appends one entry; returns its ordinal. Errors: entry_too_large (nothing appended), those of flush().
  Result<Ordinal> append(const EntryView& entry);

  /// Appends all of `entries` or, on an error, none; returns the first one's ordinal.
  Result<Ordinal> append(std::span<const EntryView> entries);

  /// Appends all of `entries` (at least one), and in the same frame how far their sources were read: either both
  /// survive a crash or neither. Returns the first one's ordinal. Errors: as above; invalid_argument if the file has
  /// format 1, or if they do not fit in one frame: 65,536 entries, 48 MiB, and 8 MiB of positions.
  Result<Ordinal> append(std::span<const EntryView> entries, std::span<const SourcePosition> positions);

  /// Appends a gap: `count` ordinals, at least one, of entries that were lost before they got here, and in the same
  /// frame how far their source was read. Returns the first ordinal. Errors: as above.
  Result<Ordinal> append_gap(std::uint64_t count, std::span<const SourcePosition> positions);

  /// Writes what was gathered, and after it a signed head that HeadSigner made, over all written entries or
  /// fewer. Errors: those of flush(), without the head being written; invalid_argument if the file has format 1.
  Result<void> append_head(std::string_view payload);

  /// Writes what was gathered. Errors: no_space and io, which leave the file as it was; closed.
  Result<void> flush();

  /// Drops what was gathered and not flushed. Its ordinals are given out again.
  void discard();

  /// flush(), then fdatasync. Also rewrites the index page, at most once a second.
  /// Errors: those of flush(), and any of fdatasync, which is final.
  Result<void> sync();

  /// Call this twice a second, also while nothing is appended: it brings the index page up to date, on stable
  /// storage too, within a second of the last sync. Does nothing on a closed writer. Errors: as sync().
  Result<void> tick();

  /// sync(), and the index page at once: for a caller that stops appending and leaves the file open. Errors: as sync().
  Result<void> settle();

  /// Needs `keep_unsynced`. Calls `visit` for each entry between durable() and written(), and `gap` with the count of
  /// each gap there: what is in doubt after a failed sync. Errors: those of the two functions, which end the visit.
  Result<void> visit_unsynced(const std::function<Result<void>(const EntryView&)>& visit,
                              const std::function<Result<void>(std::uint64_t)>& gap) const;

  /// The number of stored bytes kept for visit_unsynced().
  std::size_t unsynced_bytes() const;

  /// flush(), repeats the header page (format 2), sync, writes the index with `closed`, sync. The writer takes no
  /// entries afterwards.
  Result<void> close(Timestamp closed = now());

  /// Remembers that a client was told that all that is written now is stored; see Keep. It promises no durability.
  void acknowledge();

  /// After a failed sync: cuts the file at durable(), or after what was acknowledged, and writes the index as it
  /// was there, with `closed`, so that what is written again elsewhere is not there twice. It tries to sync the cut
  /// but ignores the result, which would prove nothing after the failure. The writer takes no entries
  /// afterwards. Errors: io.
  Result<void> abandon(Timestamp closed = now(), Keep keep = Keep::durable);

  /// False once it takes no more entries: it was closed, a sync failed, or what a failed write left could not be cut
  /// off.
  bool takes_entries() const;

  /// What open() had to repair. Empty after create().
  const RecoverReport& recovered() const;

  const Header& header() const;
  /// The index as close() would write it now, except for `closed`.
  const Index& index() const;

  /// Count and end of all that was appended, flushed or not. Format 2 compresses when it flushes: the real end is then
  /// about this one or before it.
  Position appended() const;
  /// Count and end of what was flushed, which readers may see.
  Position written() const;
  /// Count and end of what was synced, which survives a power cut.
  Position durable() const;
  /// Count and end of what abandon() leaves with Keep::acknowledged.
  Position acknowledged() const;

 private:
  class Impl;
  explicit FileWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace towl
