// Partitions put exported entries into folders, hive style: host=web-1/day=2026-01-17/part-0.parquet.
#pragma once

#include <string>
#include <string_view>

#include "towl/entry.hpp"
#include "towl/result.hpp"

namespace towlctl {

class Partitions {
 public:
  /// None: all in one file.
  Partitions() = default;

  /// "host", "day", "host,day" or "day,host". Errors: invalid_argument.
  static towl::Result<Partitions> read(std::string_view names);

  bool is_none() const { return order_.empty(); }

  /// The folder of an entry, "" for none; the same string for entries that belong together. Valid until the next call.
  const std::string& folder_of(const towl::EntryView& entry);

 private:
  std::string order_;  ///< 'h' and 'd'.
  std::string folder_;
};

}  // namespace towlctl
