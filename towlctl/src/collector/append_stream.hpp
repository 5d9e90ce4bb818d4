// AppendStream is one running Append: batches go out, acknowledgements come in, both without blocking.
//
// Threads: one caller at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "collector/durability.hpp"
#include "collector/pull_error.hpp"
#include "towl/entry.hpp"

namespace towlctl {

struct AppendStart {
  std::string producer_id;  ///< Batches of the same producer and sequence are stored once.
  Durability durability = Durability::unspecified;
};

/// A batch is stored.
struct Acknowledgement {
  std::uint64_t sequence = 0;
  Durability durability = Durability::unspecified;
  std::vector<towl::FileId> files = {};  ///< Where its entries are.
};

/// How a stream ended.
struct AppendEnd {
  bool again = false;   ///< The connection or the collector went away: a new stream may succeed.
  std::string message;  ///< One line for a person.
};

class AppendStream {
 public:
  /// Cancels what still runs, and waits for that.
  virtual ~AppendStream() = default;

  /// Sends a batch; only while writing() is false. `entries` may be gone once it returns.
  virtual void write(std::uint64_t sequence, std::span<const towl::EntryView> entries) = 0;
  virtual bool writing() = 0;

  /// The next acknowledgement that came, if there is one.
  virtual std::optional<Acknowledgement> take_acknowledgement() = 0;

  /// How the stream ended, once it is over and all acknowledgements were taken.
  virtual std::optional<AppendEnd> ended() = 0;

  /// Waits until something of the above has changed since the last call; false if nothing did in time.
  virtual bool wait(std::chrono::milliseconds timeout) = 0;

  /// No more batches. The collector ends the stream once it has acknowledged all.
  virtual void end_writing() = 0;
};

}  // namespace towlctl
