// ExportedEntries are the entries that an export is about, in cat's order: the same search with the same answers.
//
// Threads: one at a time; the search's own ones end with it.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "towl/query/search.hpp"
#include "towl/result.hpp"

namespace towlctl {

struct ExportSelection {
  std::vector<towl::SearchFile> files = {};
  towl::Expression expression = {};
  unsigned threads = 1;
  std::stop_token stop = {};
  towl::FileLayer* layer = nullptr;  ///< nullptr: posix_file_layer(). Must outlive the export.
};

/// What was to be exported, to be compared with what is there afterwards.
struct ExportedFacts {
  std::uint64_t entries = 0;
  towl::Timestamp first = 0;  ///< The earliest event time …
  towl::Timestamp last = 0;   ///< … and the latest; 0 if there is no entry.

  void add(towl::Timestamp time) {
    first = entries == 0 ? time : std::min(first, time);
    last = entries == 0 ? time : std::max(last, time);
    ++entries;
  }
};

class ExportedEntries {
 public:
  /// Errors: invalid_argument, for an invalid pattern.
  static towl::Result<ExportedEntries> open(const ExportSelection& selection, const towl::Wanted& wanted = {});

  /// The next one, valid until the next call; nullptr at the end. Errors: closed, if it was stopped.
  towl::Result<const towl::FoundEntry*> next();

  /// What could not be read, so far.
  const std::vector<std::string>& losses() const { return losses_; }

 private:
  explicit ExportedEntries(towl::Search search) : search_(std::move(search)) {}

  towl::Search search_;
  towl::Outcome outcome_ = towl::SearchEnd{};
  std::vector<std::string> losses_;
};

}  // namespace towlctl
