// RemoteFile is what a collector says about one of its files: the two pages, the size, whether more may come.
// It is hostile input that was checked for shape only.
#pragma once

#include <cstdint>

#include "towl/header.hpp"

namespace towlctl {

struct RemoteFile {
  towl::Header header;
  towl::Index index;
  std::uint64_t size = 0;  ///< Where the data of `index.count` entries ends.
  bool closed = false;     ///< No entry will follow. Whether it is sealed, the index says.

  towl::FileId file_id() const { return header.file_id; }
};

}  // namespace towlctl
