// Producers that keep a ledger of what was acknowledged to them, and the oracle that checks a store against it.
//
// The ledger is in the memory of the test, outside of what is broken. Every entry says who made it and its number
// there, and its bytes follow from these two: so the store shows if an entry was invented, lost, moved or changed.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "support/collector.hpp"

namespace towl::test {

/// Where an entry was found.
struct StoredEntry {
  std::uint64_t number = 0;
  std::uint64_t file_id = 0;
  std::uint64_t ordinal = 0;
};

/// All entries of a store, by producer, in their order. Fails the test if an entry is not as it was produced, if a
/// file cannot be read, or if `collector` says another number of entries.
std::vector<std::vector<StoredEntry>> read_back(const std::filesystem::path& store, Collector& collector,
                                                std::size_t producers);

class LedgerProducer {
 public:
  using Clock = std::chrono::steady_clock;

  struct Load {
    v1::Durability durability = v1::DURABILITY_SYNCED;
    std::chrono::microseconds pause = {};  ///< Between batches.
  };

  explicit LedgerProducer(std::size_t id) : id_(id) {}

  /// Sends numbered batches until `stop`; a batch that is refused or breaks off is sent again under its number.
  void produce(v1::Towl::Stub& stub, const Load& load, const std::atomic<bool>& stop);

  /// Entries before this run: they were found in the store.
  std::uint64_t base() const { return base_; }
  /// Entries acknowledged to this run.
  std::uint64_t acknowledged() const { return acknowledged_; }
  /// Streams of this run that ended before it was told to stop.
  std::uint64_t refused() const { return refused_; }

  /// How many entries must be there at least: those of earlier runs and those acknowledged. After a power cut, of the
  /// latter all that are synced, those of `interval` acknowledged before `interval_safe`, and none only written.
  std::uint64_t promised(std::optional<Clock::time_point> interval_safe) const;

  /// Checks `stored` against the ledger: all promised() entries, each once, in order, where the acknowledgement says
  /// that they are, and nothing that was not sent.
  void check(const std::vector<StoredEntry>& stored, std::optional<Clock::time_point> interval_safe) const;

  /// Removes what was acknowledged from `time` on: no answer leaves a machine without power.
  void forget_from(Clock::time_point time);

  /// Goes on after `stored`, with a collector that has been restarted.
  void go_on_behind(const std::vector<StoredEntry>& stored);

 private:
  struct Acknowledged {
    Clock::time_point time;
    std::vector<v1::StoredRange> ranges;
  };
  static constexpr std::uint64_t kBatch = 7;

  /// For messages.
  std::string acknowledged_as(std::uint64_t number) const;
  void produce_one_stream(v1::Towl::Stub& stub, const Load& load, const std::atomic<bool>& stop);

  std::size_t id_;
  std::uint64_t base_ = 0;
  int run_ = 0;
  v1::Durability durability_ = v1::DURABILITY_UNSPECIFIED;
  std::vector<Acknowledged> ledger_ = {};  ///< One per batch.
  std::uint64_t sent_ = 0;                 ///< Batches of this run that may have arrived.
  std::atomic<std::uint64_t> acknowledged_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
};

/// TOWL_TEST_SEED, or a random one.
std::uint64_t seed_of_test();

}  // namespace towl::test
