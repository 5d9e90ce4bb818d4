// Sink is where a FollowingOutput puts entries: a file, a pipe, another program. An output of a new type is a Sink and
// a row (OutputType); reading the store, retrying, and the durable cursor are FollowingOutput's.
//
// Threads: one at a time; the output's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "ingest/wakeup.hpp"
#include "limits/limits.hpp"
#include "outputs/store_follower.hpp"
#include "towl/result.hpp"

namespace towld {

class Sink {
 public:
  virtual ~Sink() = default;

  /// Begins, also again after a failed commit. `committed` is what commit() gave for the entries up to the cursor: what
  /// was put there since is to be taken back, if that can be done. nullopt: there is no cursor, what is there stays.
  /// If it fails, has_moved() is true until it has succeeded.
  virtual towl::Result<void> open(const std::optional<std::string>& committed) = 0;

  /// What it writes to keeps the position itself, together with the entries: commit() makes both durable at once, and
  /// what find_position() says is what counts, not the cursor. Such a sink is opened by the output's thread, again and
  /// again until that succeeds: it may be another program that is not there yet.
  virtual bool keeps_position() const { return false; }

  /// The next entry that is not there, if what is there can tell. Asked after open(), if the cursor is lost or
  /// keeps_position() is true.
  virtual towl::Result<std::optional<StorePosition>> find_position() { return std::nullopt; }

  /// What is there is elsewhere now, as a file that logrotate has moved: it is committed, and reopen() called, before
  /// anything more is written. Asked between entries.
  virtual bool has_moved() { return false; }
  virtual towl::Result<void> reopen() { return {}; }

  /// Takes the entry; it may be written now or by write().
  virtual void add(const FollowedEntry& entry) = 0;

  /// What was added and is not written, in bytes. write() is called for large_enough(), or after the last stored entry.
  virtual std::size_t unwritten_bytes() const = 0;
  virtual std::size_t large_enough() const { return kOutputBufferBytes; }

  /// Entries that were passed over because what it writes to refused them for good. Since the start.
  virtual std::uint64_t refused() const { return 0; }

  /// A part of what was added is written, and the rest is not: nothing can be committed.
  virtual bool is_within() const = 0;

  /// Writes what was added. True once that is done; false if it can take no more now: see wait(). On an error what
  /// is not written stays, to be tried again.
  virtual towl::Result<bool> write() = 0;

  /// Waits until it can take more, or `wakeup` wakes.
  virtual void wait(Wakeup& wakeup) = 0;

  /// Makes durable what was written; what the cursor has to keep of it, one line, may be empty.
  virtual towl::Result<std::string> commit() = 0;

  /// Another attempt may work after an error; if not, the output ends.
  virtual bool can_recover() const { return true; }
};

}  // namespace towld
