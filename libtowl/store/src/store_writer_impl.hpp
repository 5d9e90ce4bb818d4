// StoreWriter::Impl is the implementation of both StoreWriter and CommitGroup.
//
//   store_takeover.cpp   what the last writer left: recovery, the next ID, positions
//   store_append.cpp     entries, gaps and positions into the open file
//   store_sync.cpp       onto stable storage, and what becomes of entries if that fails
//   store_writer.cpp     the public classes
#pragma once

#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "filenames.hpp"
#include "known_positions.hpp"
#include "pages_io.hpp"
#include "partition.hpp"
#include "store_clock.hpp"
#include "towl/commit_group.hpp"
#include "towl/store.hpp"
#include "v1/entry_codec.hpp"

namespace towl {

// Above every ID.
inline constexpr FileId kNoFile = std::numeric_limits<FileId>::max();

// The source whose position is the store's identity.
inline constexpr std::string_view kIdentitySource = "store";

class StoreWriter::Impl {
 public:
  Impl(std::filesystem::path folder, StoreOptions options, std::unique_ptr<FileLock> lock)
      : folder_(std::move(folder)),
        options_(std::move(options)),
        layer_(detail::layer_or_posix(options_.layer)),
        lock_(std::move(lock)),
        clock_(folder_, layer_, options_.clock, options_.steady_clock) {}

  Result<void> take_over();
  Result<std::vector<StoredRange>> append(std::span<const EntryView> entries);
  Result<StoredRange> append_together(std::span<const EntryView> entries, std::span<const SourcePosition> positions);
  Result<StoredRange> append_gap(std::uint64_t count, std::span<const SourcePosition> positions);
  std::size_t room_for(std::span<const EntryView> entries) const;
  void acknowledge();
  Result<void> sync();
  Result<void> tick();
  Result<void> settle();
  Result<void> roll();
  Result<void> roll_if_due();
  Result<std::vector<FileInfo>> retain(const RetentionPolicy& policy, bool dry_run);

  std::filesystem::path path_of(FileId file_id) const { return folder_ / file_name(file_id); }

  std::filesystem::path folder_;
  StoreOptions options_;
  FileLayer& layer_;
  std::unique_ptr<FileLock> lock_;
  std::optional<FileWriter> writer_;
  Timestamp began_ = 0;  // When the open file began to take entries.
  FileId next_file_id_ = 1;
  std::vector<RecoverReport> recovered_;
  std::vector<UnreadableFile> passed_over_;
  std::vector<Move> moves_;
  std::vector<Loss> losses_;
  detail::KnownPositions positions_;
  bool identity_is_stored_ = false;
  FileId keep_from_ = kNoFile;
  bool in_group_ = false;
  detail::StoreClock clock_;

 private:
  WriteOptions write_options() const {
    return {.layer = options_.layer,
            .max_entry_bytes = options_.max_entry_bytes,
            .compress = options_.compress,
            .keep_unsynced = true,
            .closing_head = options_.closing_head,
            .clock = options_.clock};
  }
  Result<std::vector<FileId>> scan_names();
  Result<void> recover_file(FileId file_id, bool newest);
  Result<void> pass_over(const std::filesystem::path& path, const Error& error);
  Result<void> restore_positions(const std::vector<FileId>& ids);
  void make_identity();
  Result<void> start_file();
  Result<void> make_ready();
  Result<void> roll_if_full();
  Result<StoredRange> append_block(std::span<const EntryView> entries, std::span<const SourcePosition> positions,
                                   std::uint64_t gap = 0);
  Result<void> check_sizes(std::span<const EntryView> entries) const;
  Result<StoredRange> append_to_open_file(std::span<const EntryView> entries);
  Result<void> replace_failed_file(Error cause);
  // About what an entry takes in the open file; format 2 compresses, and takes less.
  std::size_t stored_bytes(const EntryView& entry) const {
    return !writer_ || detail::is_v2(writer_->header()) ? entry.sender.size() + entry.log_entry.size()
                                                        : detail::v1::encoded_bytes(entry);
  }
  Result<void> write_again(const FileWriter& failed);
  // The first frame of a file has the positions of all sources.
  bool needs_all_positions() const {
    return !positions_.empty() && (writer_->appended().ordinal == 0 || !identity_is_stored_);
  }
  bool is_due() const {
    return writer_ && writer_->index().count > 0 && detail::is_due(options_.partition, began_, options_.clock());
  }
};

}  // namespace towl
