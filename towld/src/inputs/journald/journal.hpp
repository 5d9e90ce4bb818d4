// Journal reads the systemd journal through libsystemd, oldest entry first.
//
// Threads: one, for its whole life: sd_journal(3) asks for that.
// Errors:  io, with what libsystemd says; permission_denied, not_found.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "parse/draft.hpp"
#include "towl/result.hpp"

struct sd_journal;

namespace towld {

class Journal {
 public:
  /// `directory` has journal files; empty: this machine's journal. `units`: entries of these alone, as journalctl's -u
  /// chooses them; empty: all.
  static towl::Result<Journal> open(const std::string& directory, const std::vector<std::string>& units);

  /// The entries from the first one on.
  towl::Result<void> seek_head();

  /// Those that come after what is there now. Returns the cursor of the last that is there; nullopt if there is none.
  towl::Result<std::optional<std::string>> seek_tail();

  /// Those after the entry of `cursor`. False if that is gone: then those after where it was.
  towl::Result<bool> seek_behind(const std::string& cursor);

  /// Goes on to the next entry; false if there is none now.
  towl::Result<bool> next();

  /// The current entry's cursor.
  towl::Result<std::string> cursor() const;

  /// Puts the current entry into an empty draft: all fields, as `journalctl -o json --all` has them. `corrupt` if
  /// the entry cannot be read; the next one can.
  towl::Result<void> read(Draft& draft);

  /// Can be polled for input; then there may be more entries. To be followed by process().
  int fd() const { return fd_; }
  void process();

 private:
  struct Close {
    void operator()(sd_journal* journal) const;
  };
  explicit Journal(std::unique_ptr<sd_journal, Close> journal, int fd) : journal_(std::move(journal)), fd_(fd) {}

  towl::Result<void> read_data(Draft& draft);

  std::unique_ptr<sd_journal, Close> journal_;
  int fd_;
  bool is_at_next_ = false;  ///< The current entry is already the one that next() is to return.
};

/// How many entries are between two cursors, neither counted, if both are of one sequence; nullopt if that is unknown.
std::optional<std::uint64_t> entries_between(const std::string& before, const std::string& after);

}  // namespace towld
