// OutputStatus is what an output tells about itself, as values: for metrics, the log, and people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "towl/entry.hpp"

namespace towld {

struct OutputStatus {
  std::string type = {};                  ///< As its configuration has it.
  bool connected = true;                  ///< To where its entries go.
  std::string peer = {};                  ///< What it is connected to, if that is another program.
  std::vector<std::string> remotes = {};  ///< What it may be connected to.
  // The next entry.
  towl::FileId file_id = 0;
  towl::Ordinal ordinal = 0;
  // Since the start.
  std::uint64_t entries = 0;       ///< Written, or acknowledged.
  std::uint64_t bytes = 0;         ///< Written, or sent.
  std::uint64_t failures = 0;      ///< Of attempts to write, connect or send.
  std::uint64_t connections = 0;   ///< That were answered.
  std::uint64_t refused = 0;       ///< Entries passed over: their receiver refused them for good.
  std::uint64_t missed_files = 0;  ///< Removed from the store before they were read to their end.
  // Stored and not there yet.
  std::uint64_t backlog_entries = 0;
  std::uint64_t backlog_bytes = 0;  ///< Of store files, about.
  std::string error = {};           ///< Why it makes no progress now; empty: it does.
};

}  // namespace towld
