// FileWriter appends entries to one towl file.
//
// Durability: append() gathers in memory; flush() hands to the operating system, from where entries survive the
//             death of the process; sync() returns once they are on stable storage.
// Failure:    append() and flush() that fail for want of space leave the file as it was; the entries gathered
//             but not flushed are still held, and a later flush() tries again, or discard() drops them. A sync()
//             that fails is final: what was written since the last good sync is uncertain, every later call
//             except durable() answers `closed`, and sync is never tried again on this file.
// Threads:    one thread at a time. One writer a file: the store's lock sees to that, not this class.
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

/// What a new file's pages say.
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
  /// Format 2: compress what is flushed at once where it is 16 KiB or more (zstd's fast level 1). About half the bytes,
  /// at a third of the rate. Sealing compresses everything anew in any case.
  bool compress = false;
  /// Keep a copy of what was written since the last sync, for visit_unsynced().
  bool keep_unsynced = false;
  /// What a file ends with when it is closed: a signed head, as HeadSigner makes it, over the file's first `count` entries,
  /// which are all. Empty, here or as an answer: none. Format 2.
  std::function<std::string(const std::filesystem::path& path, std::uint64_t count)> closing_head = {};
  /// What time it is, to rewrite the index page at most once a second.
  std::function<Timestamp()> clock = now;
};

/// What abandon() leaves in the file.
enum class Keep {
  durable,       ///< What is sure.
  acknowledged,  ///< That, and what somebody was told is stored: it may still be there.
};

class FileWriter {
 public:
  /// Creates `path`: complete under its name, or not there at all, whenever the power goes. The folder is
  /// synced too. Errors: already_exists, invalid_argument (org and title do not fit the page), no_space,
  /// permission_denied, not_found (the folder), io.
  static Result<FileWriter> create(const std::filesystem::path& path, const NewFile& file,
                                   const WriteOptions& options = {});

  /// Opens `path` to append. A torn tail is first saved aside and cut off, as recover() does; a closed file is
  /// open again (its `closed` time is taken back). Errors: those of recover(); closed where the file is sealed.
  static Result<FileWriter> open(const std::filesystem::path& path, const WriteOptions& options = {});

  FileWriter(FileWriter&&) noexcept;
  FileWriter& operator=(FileWriter&&) noexcept;
  /// Flushes what was not, ignoring errors: call close() to learn of them.
  ~FileWriter();

  /// Appends one entry; returns its ordinal. Errors: entry_too_large (nothing appended), those of flush().
  Result<Ordinal> append(const EntryView& entry);

  /// Appends all of `entries` or, on an error, none; returns the first one's ordinal.
  Result<Ordinal> append(std::span<const EntryView> entries);

  /// Appends all of `entries` (at least one), and in the same frame how far their sources were read: either both
  /// survive a crash or neither. Returns the first one's ordinal. Errors: as above; invalid_argument where the file has
  /// format 1, or where they do not fit in one frame: 65,536 entries, 48 MiB, and 8 MiB of positions.
  Result<Ordinal> append(std::span<const EntryView> entries, std::span<const SourcePosition> positions);

  /// Appends a gap: `count` ordinals, at least one, of entries that were lost before they came here, and in the same
  /// frame how far their source was read. Returns the first ordinal. Errors: as above.
  Result<Ordinal> append_gap(std::uint64_t count, std::span<const SourcePosition> positions);

  /// Writes what was gathered, and after it a signed head that HeadSigner made, over all entries that were written or
  /// fewer. Errors: those of flush(), the head left out; invalid_argument where the file has format 1.
  Result<void> append_head(std::string_view payload);

  /// Writes what was gathered. Errors: no_space and io, the file left as it was; closed.
  Result<void> flush();

  /// Drops what was gathered and not flushed. The ordinals it had are given out again.
  void discard();

  /// flush(), then fdatasync. Also rewrites the index page, at most once a second.
  /// Errors: those of flush(), and any of fdatasync, which is final.
  Result<void> sync();

  /// To be called twice a second, also while nothing is appended: brings the index page up to date, on stable
  /// storage too, within a second of the last sync. A closed writer has nothing to do. Errors: as sync().
  Result<void> tick();

  /// sync(), and the index page at once: for whoever stops appending and leaves the file open. Errors: as sync().
  Result<void> settle();

  /// Calls `visit` for each entry between durable() and written(), and `gap` with the count of each gap there, with
  /// `keep_unsynced`: what is in doubt when a sync has failed. Errors: those of both, which end it.
  Result<void> visit_unsynced(const std::function<Result<void>(const EntryView&)>& visit,
                              const std::function<Result<void>(std::uint64_t)>& gap) const;

  /// The stored bytes kept for that.
  std::size_t unsynced_bytes() const;

  /// flush(), repeats the header page (format 2), sync, writes the index with `closed`, sync. The writer takes nothing
  /// afterwards.
  Result<void> close(Timestamp closed = now());

  /// Remembers that somebody was told that all that is written now is stored; see Keep. It promises no level.
  void acknowledge();

  /// After a failed sync: cuts the file at durable(), or behind what was acknowledged, and writes the index as it
  /// was there, with `closed`, so that what is written again elsewhere is not there twice. The cut is synced where
  /// that works; an answer is not asked for: after the failure it would prove nothing. The writer takes nothing
  /// afterwards. Errors: io.
  Result<void> abandon(Timestamp closed = now(), Keep keep = Keep::durable);

  /// False once it takes nothing more: it was closed, a sync failed, or what a failed write left could not be taken
  /// back.
  bool takes_entries() const;

  /// What open() had to repair. Empty after create().
  const RecoverReport& recovered() const;

  const Header& header() const;
  /// The index as close() would write it now, `closed` apart.
  const Index& index() const;

  /// Count and end of all that was appended, flushed or not. Format 2 compresses when it flushes: the end is then not
  /// behind this one, about.
  Position appended() const;
  /// Count and end of what was flushed: readers may see it.
  Position written() const;
  /// Count and end of what was synced: it survives a power cut.
  Position durable() const;
  /// Count and end of what abandon() leaves with Keep::acknowledged.
  Position acknowledged() const;

 private:
  class Impl;
  explicit FileWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace towl
