// RoundPlan is which files a round writes, and which entries are in each: found by one pass over times and senders.
//
// A file a minute and folder. Entries of minutes that have not ended are left for a later round, see RoundState.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "outputs/parquet/parquet_request.hpp"
#include "outputs/parquet/round_state.hpp"
#include "outputs/parquet/store_range.hpp"
#include "towl/result.hpp"

namespace towld {

/// Entries of one source file, first and last, that a file of the plan has.
struct SourceRange {
  StorePosition first;
  towl::Ordinal last = 0;
};

struct PlannedFile {
  std::int64_t minute = 0;
  std::uint32_t folder = 0;  ///< In RoundPlan::folders.
  std::uint64_t entries = 0;
  std::uint64_t span = 0;  ///< Entries between its first and its last.
  std::vector<SourceRange> sources = {};
};

class RoundPlan {
 public:
  /// `before` is what was written until now. Errors: io, permission_denied.
  static towl::Result<RoundPlan> make(const towl::Store& store, const ParquetRequest& request,
                                      const RoundState& before);

  /// The place in files() of the entry's file; nullopt: it is written already, or waits.
  std::optional<std::size_t> file_of(const FollowedEntry& entry);

  const std::vector<PlannedFile>& files() const { return files_; }
  const std::string& folder(const PlannedFile& file) const { return folders_[file.folder]; }

  /// What is written once this round is.
  const RoundState& after() const { return after_; }
  std::uint64_t entries() const { return entries_; }
  std::uint64_t other_hosts() const { return other_hosts_; }
  std::uint64_t missed_files() const { return missed_files_; }
  std::uint64_t damaged_places() const { return damaged_places_; }

 private:
  RoundPlan(const ParquetRequest& request, const RoundState& before) : request_(request), before_(before) {}
  struct Day {
    std::unordered_map<std::uint32_t, std::uint32_t> folders;  ///< To itself, or to +other.
    std::size_t count = 0;
  };

  bool is_written(const FollowedEntry& entry, std::int64_t minute) const;
  bool waits(std::int64_t minute) const;
  std::uint32_t folder_of(std::string_view sender);
  std::uint32_t folder_on(std::int64_t minute, std::uint32_t folder);
  Day& day_of(const std::string& day);
  std::size_t add_file(std::int64_t minute, std::uint32_t folder);
  void count(const FollowedEntry& entry, PlannedFile& file, std::uint64_t seen);

  ParquetRequest request_;
  RoundState before_;
  RoundState after_ = {};
  std::vector<std::string> folders_;
  std::unordered_map<std::string, std::uint32_t> folder_of_name_;
  /// The last file of each sender: most entries are of the same minute as the one before.
  struct LastFile {
    std::int64_t minute;
    std::size_t place;
  };
  struct SenderHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, LastFile, SenderHash, std::equal_to<>> last_of_sender_;
  std::map<std::string, Day> days_;
  std::vector<PlannedFile> files_;
  std::vector<std::uint64_t> first_seen_;
  std::map<std::pair<std::int64_t, std::uint32_t>, std::size_t> places_;
  bool is_planned_ = false;
  std::uint64_t entries_ = 0;
  std::uint64_t other_hosts_ = 0;
  std::uint64_t missed_files_ = 0;
  std::uint64_t damaged_places_ = 0;
};

}  // namespace towld
