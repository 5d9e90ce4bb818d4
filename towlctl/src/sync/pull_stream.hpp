// PullStream is one running Pull: a queue of what the collector sent.
//
// gRPC's threads receive up to two messages ahead while the caller writes the one before to disk; then they stop
// reading and the collector is held back. So at most four messages (chunks of about 1 MiB, 65 MiB where a single
// entry is that large) are in memory.
// Threads: one caller at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>

#include "sync/connection.hpp"
#include "sync/mirror_file.hpp"
#include "sync/pull_error.hpp"
#include "sync/remote_file.hpp"

namespace towlctl {

struct PullStart {
  towl::FileId file_id = 0;
  std::uint64_t count = 0;
  bool follow = false;
  std::optional<MirrorProof> proof = {};
};

struct PullEvent {
  enum class Kind {
    file,     ///< `file` begins.
    chunk,    ///< `chunk` has its next entries.
    reached,  ///< `file` is complete as far as it goes.
    end,      ///< The stream is over, without an error.
    nothing,  ///< Nothing came in time.
  };
  Kind kind = Kind::nothing;
  RemoteFile file = {};
  ChunkView chunk = {};
};

class PullStream {
 public:
  PullStream(const Connection& connection, const PullStart& start);
  PullStream(const PullStream&) = delete;
  PullStream& operator=(const PullStream&) = delete;
  /// Cancels what still runs, and waits for that.
  ~PullStream();

  /// Waits for the next event, `timeout` at most. The chunk's bytes are valid until the next call. Not to be called
  /// again after `end` or an error. Errors: those of pull_error(); bad_data; stopped.
  PullResult<PullEvent> next(const std::stop_token& stop, std::chrono::milliseconds timeout);

 private:
  class Call;
  std::unique_ptr<Call> call_;
};

}  // namespace towlctl
