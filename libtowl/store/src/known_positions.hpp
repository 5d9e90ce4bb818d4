// KnownPositions knows how far each source was read, including what is written but not synced, and can go back.
//
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "towl/source_position.hpp"

namespace towl::detail {

class KnownPositions {
 public:
  /// Takes positions of an older file: those that are known already stay.
  void restore(std::vector<SourcePosition> older);

  bool empty() const { return last_.empty(); }
  std::string_view find(std::string_view source) const;
  std::vector<SourcePosition> all() const { return list(last_); }

  /// As they were at the last settle().
  std::vector<SourcePosition> settled() const;

  /// These were stored.
  void apply(std::span<const SourcePosition> positions);

  /// What was applied is on stable storage.
  void settle();

  /// Somebody was told that what was applied is stored.
  void acknowledge() { acknowledged_ = changes_.size(); }

  /// Takes back what was applied and not acknowledged.
  void take_back();

 private:
  using Map = std::map<std::string, std::string, std::less<>>;
  struct Change {
    std::string source;
    std::optional<std::string> before;
  };

  static std::vector<SourcePosition> list(const Map& map);
  static void undo(const Change& change, Map& map);

  Map last_;
  std::vector<Change> changes_;  // since the last settle()
  std::size_t acknowledged_ = 0;
};

}  // namespace towl::detail
