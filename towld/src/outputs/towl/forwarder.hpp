// Forwarder pushes the store's files to a collector: the agent's own store is its buffer.
//
// The collector says how far it has this store's files, and gets what follows, as stored frames; what it acknowledges
// may be removed here by retention, nothing else (Ingest::hold).
// Belief:   a collector's word of how far it is counts as far as this side's own record, and further only if the digest
//           there is that of this store: what was never sent is neither passed over nor removed.
// Loops:    the collector is told which stores push here; before anything of a new one is sent, the connection is made
//           again.
// Failure:  if a collector cannot be reached or refuses, the next one is tried, and after the last, after a pause that
//           grows (BackOff), the first again.
//           A connection is checked by pings, so that a dead link is noticed.
// Once:     with one collector every entry is there once, whatever is cut or restarted. With several, what one had
//           stored without this side hearing of it is sent to the next as well.
// Threads:  its own two, joined by stop() and the destructor. Borrows the ingest, which must outlive it.
#pragma once

#include <grpcpp/channel.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "ingest/back_off.hpp"
#include "ingest/ingest.hpp"
#include "ingest/pushed_files.hpp"
#include "log/spdlog.hpp"
#include "outputs/output.hpp"
#include "outputs/towl/forward_config.hpp"
#include "towl/mirror/catalog.hpp"
#include "towl/mirror/store_feed.hpp"
#include "towl/mirror/store_state.hpp"

namespace towld {

struct ForwarderConfig {
  std::string name = {};  ///< Unique among the outputs.
  ForwardConfig to = {};
  /// A link that is dead without a word is noticed after twice this. Collectors let nobody ping more often.
  std::chrono::milliseconds ping_every = std::chrono::seconds(10);
};

/// Counters and state for people.
struct ForwarderState {
  std::string remote = {};  ///< The collector it is connected to, or empty.
  PushPosition acknowledged = {};
  std::uint64_t entries = 0;        ///< Acknowledged since the start.
  std::uint64_t bytes = 0;          ///< Of frames sent since the start.
  std::uint64_t connections = 0;    ///< That were answered.
  std::uint64_t failures = 0;       ///< Of connections, or to connect.
  std::uint64_t waiting_bytes = 0;  ///< Stored and not acknowledged.
};

class Forwarder final : public Output {
 public:
  /// Holds the store's files from the position where it goes on, then starts.
  static std::unique_ptr<Forwarder> start(ForwarderConfig config, Ingest& ingest, std::shared_ptr<spdlog::logger> log);

  /// For start() alone.
  Forwarder(ForwarderConfig config, Ingest& ingest, std::shared_ptr<spdlog::logger> log);
  ~Forwarder() override { stop(); }

  void stop() override;
  void retire() override { ingest_.hold(source_, std::nullopt); }
  OutputStatus status() const override;
  ForwarderState state() const;

 private:
  void work(const std::stop_token& stop);
  void watch(const std::stop_token& stop);
  bool wait_for_identity(const std::stop_token& stop);
  bool serve(const std::string& remote, const std::stop_token& stop);
  towl::Result<PushPosition> connected(const std::string& remote, const PushPosition& collector);
  towl::Result<void> believe(const PushPosition& collector) const;
  void report_failure(const std::string& remote, const std::string& why);
  void acknowledged(const PushPosition& position, std::uint64_t entries);
  void store_position();
  void report_waiting();

  const ForwarderConfig config_;
  const std::string source_;  // of its position, and who holds the files
  Ingest& ingest_;
  std::shared_ptr<spdlog::logger> log_;
  towl::Catalog catalog_;
  std::string identity_;
  std::string last_failure_;  // of the working thread
  BackOff back_off_;          // of the working thread

  mutable std::mutex mutex_;
  ForwarderState state_;
  PushPosition stored_position_;  // as it was submitted last
  std::jthread watcher_;
  std::jthread thread_;
};

}  // namespace towld
