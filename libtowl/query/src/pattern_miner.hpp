// A PatternMiner gathers the templates of frames, merged and counted.
//
// Threads: one at a time; each thread has its own.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "towl/query/patterns.hpp"
#include "v2/sealed_frame.hpp"

namespace towl::detail {

/// What a template says without what varies: its literal parts with `\0` in place of the rest and of words with digits.
std::string pattern_of(std::span<const v2::TextPiece> pieces, bool is_json);

/// As people see it.
std::string shown_pattern(std::string_view pattern);

class PatternMiner final : public v2::FrameSieve {
 public:
  explicit PatternMiner(const PatternOptions& options) : options_(options) {}

  struct Found {
    std::uint64_t count = 0;
    std::uint64_t earlier = 0;
    SearchPlace example = {};
  };

  /// Frames are of this file from now on, and entries are looked at before the ordinal `end`.
  void begin(std::size_t file, Ordinal from, Ordinal end) {
    file_ = file;
    from_ = from;
    end_ = end;
  }
  /// Of frames that are made of entries: what their first entry's ordinal is.
  void set_first(std::optional<Ordinal> first) { first_ = first; }

  /// Counts the entries of the frame, none of which is then wanted.
  Texts sift(v2::SealedFrame& frame, std::vector<std::uint64_t>& chosen) override;

  /// Adds what another one found.
  void add(const PatternMiner& other);
  /// Puts patterns into those that have more that varies and are else the same.
  void merge();

  const std::unordered_map<std::string, Found>& found() const { return found_; }
  std::uint64_t others() const { return others_; }

 private:
  bool has_times() const {
    const PatternOptions all;
    return options_.since != all.since || options_.until != all.until || options_.new_since;
  }
  void add(std::string pattern, const Found& found);

  const PatternOptions& options_;
  std::size_t file_ = 0;
  Ordinal from_ = 0;
  Ordinal end_ = 0;
  std::optional<Ordinal> first_ = {};
  std::unordered_map<std::string, Found> found_;
  std::size_t bytes_ = 0;
  std::uint64_t others_ = 0;
  std::vector<Found> counted_;  // Of each template of a frame, then of each nested one.
};

}  // namespace towl::detail
