// A store is a folder of towl files, `ID.towl`. Store reads it, StoreWriter writes it.
//
// One writer: it holds the lock file `store.lock`; a second one is refused. Any number of readers, in this and
// other processes, which need no lock. IDs grow by one a file and are never used again: retention always leaves
// the newest file, so that the next ID is known from the folder alone. A server that acknowledges to others what it
// appends also needs CommitGroup (commit_group.hpp).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "towl/entry.hpp"
#include "towl/file_layer.hpp"
#include "towl/file_reader.hpp"
#include "towl/file_writer.hpp"
#include "towl/header.hpp"
#include "towl/recover.hpp"
#include "towl/result.hpp"
#include "towl/source_position.hpp"

namespace towl {

/// One file of a store as its pages describe it.
struct FileInfo {
  FileId file_id = 0;
  std::filesystem::path path;
  std::uint64_t size = 0;  ///< Bytes, pages included.
  Header header;
  Index index;
};

/// A file that cannot be listed, and why: damaged, foreign, or with a name that has another ID than its header.
struct UnreadableFile {
  std::filesystem::path path;
  Error error;
};

struct Listing {
  std::vector<FileInfo> files;  ///< By ID, lowest first.
  std::vector<UnreadableFile> unreadable;
};

/// Reads a store. Copyable; any thread; holds no file open.
class Store {
 public:
  /// Errors: not_found, permission_denied, io.
  static Result<Store> open(const std::filesystem::path& folder, FileLayer* layer = nullptr);

  const std::filesystem::path& folder() const { return folder_; }

  /// The existing files. Names that are not `ID.towl` are skipped.
  Result<Listing> list() const;

  /// The path of a file, whether it exists or not.
  std::filesystem::path path_of(FileId file_id) const;

  /// Opens one file. Errors: not_found, and those of FileReader::open.
  Result<FileReader> open_file(FileId file_id, ReadOptions options = {}) const;

 private:
  friend class StoreWriter;
  Store(std::filesystem::path folder, FileLayer& layer) : folder_(std::move(folder)), layer_(&layer) {}
  std::filesystem::path folder_;
  FileLayer* layer_;
};

/// A part of the UTC calendar.
enum class Period { minute, hour, day, week, month };

/// When a file is closed and the next one begun: whichever limit is reached first. Files without entries are kept open.
/// Age and period are measured with the collector's clock, not with `received`: entries with odd times cannot scatter
/// over files, and a clock that jumps back starts no file.
struct PartitionPolicy {
  std::optional<std::uint64_t> max_entries = {};
  std::optional<std::uint64_t> max_bytes = {};  ///< Size of the file; the entry that crosses it is its last.
  std::optional<std::int64_t> max_age_ns = {};  ///< Since the file was opened.
  std::optional<Period> period = {};            ///< Weeks begin on Monday.
};

/// Which closed files may go, oldest first. The newest file always stays.
///
/// A store's writer counts ages by the time that it saw pass, with a clock that nobody can set, and keeps that time in
/// the store as `store.clock`. While the system's clock is more than a day off it, also at a start, the system's clock
/// is not believed: files grow old by the time that passes and no faster, until both have agreed for an hour or
/// StoreWriter::confirm_clock() says that it is right. max_bytes and keep_free_… need no clock, and still apply.
struct RetentionPolicy {
  std::optional<std::int64_t> max_age_ns = {};        ///< Remove files closed longer ago.
  std::optional<std::uint64_t> max_bytes = {};        ///< Remove until the store is no larger.
  std::optional<std::uint64_t> keep_free_bytes = {};  ///< Remove until the file system has this much room.
  std::optional<double> keep_free_percent = {};       ///< The same in percent of the file system, 0–100.
  std::optional<FileId> keep_from = {};               ///< This file and all after it stay.
};

/// Removes files of a store that nobody writes to (a mirror, say) as `policy` says; holds its lock while it runs.
/// Returns what was removed (with `dry_run`: would be), oldest first. Errors: locked, not_found, permission_denied, io.
Result<std::vector<FileInfo>> retain(const std::filesystem::path& folder, const RetentionPolicy& policy,
                                     bool dry_run = false, FileLayer* layer = nullptr);

struct StoreOptions {
  std::string org = {};
  std::string title = {};
  FileFormat file_format = FileFormat::v2;  ///< Of new files; an open one of another format is closed.
  PartitionPolicy partition = {};
  std::size_t max_entry_bytes = kMaxEntryBytes;
  bool compress = false;       ///< Of the open file; see WriteOptions.
  FileLayer* layer = nullptr;  ///< nullptr: posix_file_layer(). Must outlive the store.
  /// The time now, for `opened`, `closed` and the policies. If this clock was set back, `closed` is taken from the time
  /// that `steady_clock` saw pass, so that files do not grow old at once.
  std::function<Timestamp()> clock = now;
  /// See WriteOptions: signed heads of files that are closed.
  std::function<std::string(const std::filesystem::path& path, std::uint64_t count)> closing_head = {};
  std::function<std::int64_t()> steady_clock = steady_now;  ///< A clock that is never set: see RetentionPolicy.
};

/// A run of entries in one file.
struct StoredRange {
  FileId file_id = 0;
  Ordinal first = 0;
  std::uint64_t count = 0;
  friend bool operator==(const StoredRange&, const StoredRange&) = default;
};

/// Entries that were appended as `from` and are now at `to`; both have the same count.
struct Move {
  StoredRange from;
  StoredRange to;
};

/// The state of the file that takes entries.
struct OpenFile {
  Header header;
  Index index;
  Position written;
  Position durable;
};

/// Appends to a store. Move-only. One thread at a time.
class StoreWriter {
 public:
  /// Opens the store in `folder`, creating it if needed; takes its lock; recovers every file that was not
  /// closed, and goes on with the newest one (or begins a new one at the first append if the newest is closed, or
  /// has another org or title). Errors: locked, and those of recover() and FileWriter.
  static Result<StoreWriter> open(const std::filesystem::path& folder, const StoreOptions& options = {});

  StoreWriter(StoreWriter&&) noexcept;
  StoreWriter& operator=(StoreWriter&&) noexcept;
  /// Flushes and syncs, ignoring errors: call close() to learn of them. The open file stays open for next time.
  ~StoreWriter();

  /// Writes all of `entries` (level `written`: they survive the death of this process) or none of those that
  /// are not in the returned ranges. Their place is certain once sync() has succeeded and names no move of them: quote
  /// no address before. A batch is split if the partition policy says so: one range a file.
  /// Errors: entry_too_large (the whole batch refused), no_space, io. After no_space the store goes on by
  /// itself as soon as there is room. Even if entries before the failing ones were stored in an earlier file,
  /// the error means: none of this batch was acknowledged.
  Result<std::vector<StoredRange>> append(std::span<const EntryView> entries);

  /// Appends all of `entries` to one file, in one frame with `positions`: after a crash both are there or neither. A
  /// position replaces the source's earlier one; an empty one forgets the source. The first frame of each file gets the
  /// positions of all sources. The batch is not split: a file takes it whole or is closed before.
  /// Errors: as above; invalid_argument if new files have format 1, or one frame cannot hold the batch.
  Result<StoredRange> append(std::span<const EntryView> entries, std::span<const SourcePosition> positions);

  /// Appends a gap for `count` entries, at least one, that were lost before they came here, in one frame with
  /// `positions`, so that their sender does not send the rest of them again. Their ordinals are never used again.
  /// Errors: as above.
  Result<StoredRange> append_gap(std::uint64_t count, std::span<const SourcePosition> positions);

  /// Appends a signed head that HeadSigner made to the file that takes entries. Does nothing if another file takes them
  /// by now. Errors: no_space, io.
  Result<void> append_head(FileId file_id, std::string_view payload);

  /// Distinguishes this store from every other: 32 random hexadecimal digits, kept as the position of the source
  /// "store". Empty in a store of format 1, and until the next append has stored it.
  std::string_view identity() const;

  /// The source's last position, including what was appended; "" if it is not known.
  std::string_view position(std::string_view source) const;

  /// The positions of all sources, in the order of their names.
  std::vector<SourcePosition> positions() const;

  /// How many of `entries` to store in one frame: about 64 KiB, and no more than the file that takes them has room for
  /// by the policy; at least 1.
  std::size_t room_for(std::span<const EntryView> entries) const;

  /// Returns once everything that was appended is on stable storage. If the operating system fails to do so, the
  /// open file is cut at its last good sync and closed, and what came after is written to a new file and synced
  /// there. Returns the moves of entries, by this or by append() or roll(), since the last call; nearly always
  /// none. An error means that this failed as well: nothing since the last good sync is certain.
  Result<std::vector<Move>> sync();

  /// Call it twice a second, also while nothing is appended: see FileWriter::tick(). It also sees how time passes.
  /// Errors: as sync().
  Result<void> tick();

  /// Closes the open file if the policy says that its time is over. Call it now and then if nothing is appended.
  Result<void> roll_if_due();

  /// Closes the open file, if it has entries; the next append begins a new one.
  Result<void> roll();

  /// Removes files as `policy` says; returns what was removed (with `dry_run`: would be), oldest first.
  Result<std::vector<FileInfo>> retain(const RetentionPolicy& policy, bool dry_run = false);

  /// How far the system's clock is ahead of the time that was seen to pass (below 0: behind), in nanoseconds; only
  /// while it is not believed: see RetentionPolicy. As of the last tick() or retain().
  std::optional<std::int64_t> clock_gap_ns() const;

  /// The system's clock is right: it is believed from now on.
  void confirm_clock();

  /// From now on retain() leaves this file and all after it, whatever the policy: somebody still needs them.
  void keep_from(FileId file_id);

  /// Syncs and releases the lock. With `close_file` the open file is closed as well.
  Result<void> close(bool close_file = false);

  /// The file that takes entries, if there is one.
  std::optional<OpenFile> open_file() const;

  /// What open() had to repair.
  const std::vector<RecoverReport>& recovered() const;
  /// What the folder has under the name of a towl file and could not be read when the store was opened. It is left
  /// alone, and its ID is not used again.
  const std::vector<UnreadableFile>& passed_over() const;

  /// The ID that the next new file gets: every lower one is or was in use.
  FileId next_file_id() const;

  /// The same store, for reading.
  Store reader() const;

 private:
  friend class CommitGroup;
  class Impl;
  explicit StoreWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace towl
