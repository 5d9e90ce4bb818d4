// What is stored after a position: what an output still has to send.
#pragma once

#include <cstdint>

#include "towl/mirror/catalog.hpp"

namespace towld {

struct Backlog {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;  ///< Of files; of the one that the position is in, the share of its entries.
};

/// After the first `count` entries of the file, which need not be there any more.
Backlog backlog_behind(const towl::ServedFiles& files, towl::FileId file_id, std::uint64_t count);

}  // namespace towld
