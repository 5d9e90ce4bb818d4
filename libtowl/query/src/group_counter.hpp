// A GroupCounter counts entries in groups. A frame's header, its columns or single entries tell the group.
//
// Threads: one at a time; each thread of a search has its own.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "batch.hpp"
#include "known.hpp"
#include "row_set.hpp"
#include "towl/query/search.hpp"

namespace towl::detail {

class GroupCounter {
 public:
  explicit GroupCounter(std::vector<CountBy> by);

  /// Counts `rows` of the batch. `levels`: those of its entries, below 0 if they have none; nullptr: they are read.
  void count(Batch& batch, const RowSet& rows, const std::int8_t* levels = nullptr);

  /// Counts rows of which only `levels` is known. False if that does not tell their group.
  bool count_rows(const RowSet& rows, const std::int8_t* levels);

  /// Counts `entries` entries of which only this is known. False if that does not tell their group.
  bool count_known(const Known& known, Timestamp received_min, Timestamp received_max, std::uint64_t entries);

  /// What they are counted by is in their texts; it is nothing but their level.
  bool needs_text() const { return needs_text_; }
  bool needs_levels_alone() const;

  /// Adds the groups of another counter.
  void add(const GroupCounter& other);
  /// There were more groups than are kept: groups() does not give all.
  bool is_too_large() const { return is_too_large_; }
  std::vector<EntryCount> groups() const;

 private:
  void add(const std::vector<std::string>& values, std::uint64_t entries);
  std::uint64_t* group_of(const std::vector<std::string>& values);

  struct Group {
    std::vector<std::string> values;
    std::uint64_t count = 0;
  };
  std::vector<CountBy> by_;
  bool needs_text_ = false;
  bool is_one_time_ = false;   // They are counted only by a time …
  bool is_one_level_ = false;  // … or by their level.
  bool is_too_large_ = false;
  std::unordered_map<std::string, std::size_t> places_;
  std::vector<Group> groups_;
  std::string key_;
  std::vector<std::string> values_;
};

/// The beginning of the bucket of `step` nanoseconds that `time` is in.
inline Timestamp bucket_of(Timestamp time, std::int64_t step) {
  const std::int64_t rest = time % step;
  return time - (rest < 0 ? rest + step : rest);
}

}  // namespace towl::detail
