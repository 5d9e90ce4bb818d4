// PullStream is one running Pull: a queue of what the collector sent.
//
// Memory:  up to two messages are received ahead while the caller writes the one before to disk; then the collector is
//          held back. So at most four messages (chunks of about 1 MiB, 65 MiB if a single entry is that large) are
//          in memory.
// Threads: one caller at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string_view>

#include "collector/pull_error.hpp"
#include "towl/mirror/served_file.hpp"

namespace towlctl {

struct PullEvent {
  enum class Kind {
    file,     ///< `file` begins.
    chunk,    ///< `chunk` has its next entries.
    reached,  ///< `file` is complete as far as it goes.
    end,      ///< The stream is over, without an error.
    nothing,  ///< Nothing came in time.
  };
  Kind kind = Kind::nothing;
  towl::ServedFile file = {};
  towl::ChunkView chunk = {};
};

class PullStream {
 public:
  /// Cancels what still runs, and waits for that.
  virtual ~PullStream() = default;

  /// Waits for the next event, `timeout` at most. The chunk's bytes are valid until the next call. Not to be called
  /// again after `end` or an error. Errors: cut, diverged, gone, refused, bad_data, stopped.
  virtual PullResult<PullEvent> next(const std::stop_token& stop, std::chrono::milliseconds timeout) = 0;
};

}  // namespace towlctl
