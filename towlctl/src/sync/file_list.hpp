// FileList asks a collector for its files, a page at a time: memory is bounded, no matter how many it lists.
//
// One thread at a time.
#pragma once

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "collector/collector.hpp"
#include "towl/time.hpp"

namespace towlctl {

/// Which files; all given must hold.
struct FileFilter {
  std::vector<towl::FileId> ids = {};  ///< Empty: any.
  std::optional<std::string> title = {};
  std::optional<towl::Timestamp> since = {};  ///< Files that may have entries received at or after this.

  bool any() const { return !ids.empty() || title || since; }
};

class FileList {
 public:
  /// Borrows `collector`.
  FileList(Collector& collector, FileFilter filter);

  /// The next files, lowest ID first; none at the end. Errors: cut, refused, bad_data (IDs that do not ascend, a
  /// page too large, a list without an end), gone (an ID of the filter that the collector does not have; the next call goes on after it).
  PullResult<std::vector<towl::ServedFile>> next_page(const std::stop_token& stop);

  /// Tells the collector's store from every other, once a page was asked for; "" if that is not known.
  const std::string& store() const { return store_; }

 private:
  PullResult<std::vector<towl::ServedFile>> ask(towl::FileId after, std::uint32_t page_size,
                                                const std::stop_token& stop);

  Collector& collector_;
  FileFilter filter_;
  std::size_t next_id_ = 0;  // in filter_.ids
  towl::FileId after_ = 0;
  bool more_ = true;
  std::uint64_t listed_ = 0;
  std::string store_;
};

}  // namespace towlctl
