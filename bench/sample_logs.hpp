// Logs for benchmarks: made up, or grown from a small real one. The same each time.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "towl/entry.hpp"

namespace towl::bench {

struct SampleLog {
  std::string name;
  std::vector<Entry> entries;
};

/// The lines of `path` as entries of one sender, received about twice a second.
SampleLog read_log(const std::string& path);

/// At least `bytes` of text from the lines of `log`: in runs of neighbouring lines, with a clock that goes on, and with
/// other ids and numbers every few hundred lines.
SampleLog grow(const SampleLog& log, std::size_t bytes);

/// Lines as rsyslog writes them, of a few hosts and services.
SampleLog make_syslog(std::size_t bytes);

/// Entries as `journalctl -o json` prints them.
SampleLog make_journal(std::size_t bytes);

}  // namespace towl::bench
