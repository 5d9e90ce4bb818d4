// ParquetOutput keeps Parquet files of the store, one a minute and host, for programs that analyse logs:
//
//     PATH/HOST/YYYY/MM/DD/YYYYMMDD-HHmm.parquet      minute, host and day of the event; what comes late: …-HHmm.2.parquet
//
// A path in an object store: rounds are written to a folder next to the output's cursor, and delivered from there
//         before the next one: parquet_delivery.hpp.
// Rounds: at the start, kParquetGrace after each minute, and at the stop, a child process writes what is durable and not
//         there: parquet_round.hpp. What fails is tried again, after pauses that grow: a full disk is waited for.
// Once:   each entry is in one file, whatever dies: round_state.hpp.
// Memory: none except for the catalogue; the child reads the store.
// Threads: its own, joined by stop() and the destructor; status() from any.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "ingest/back_off.hpp"
#include "ingest/wakeup.hpp"
#include "outputs/output.hpp"
#include "outputs/output_type.hpp"
#include "outputs/parquet/parquet_delivery.hpp"
#include "outputs/parquet/parquet_output_config.hpp"
#include "outputs/parquet/parquet_request.hpp"
#include "towl/mirror/catalog.hpp"

namespace towld {

class ParquetOutput final : public Output {
 public:
  /// `program` is the child's. Errors: not_found if DuckDB's library is not there, with what to do; those of
  /// write_round(), except for those that may pass: a full disk; those of deliver_to_objects().
  static towl::Result<std::unique_ptr<Output>> start(OutputContext context, const ParquetOutputConfig& config,
                                                     const std::filesystem::path& program = "/proc/self/exe");

  /// For start() alone.
  ParquetOutput(OutputContext context, const ParquetOutputConfig& config, std::filesystem::path program,
                std::shared_ptr<Wakeup> wakeup);
  ~ParquetOutput() override { stop(); }

  /// Writes all that is durable, also of the minute that has not ended; kParquetStopPatience at most.
  void stop() override;

  OutputStatus status() const override;

 private:
  using Clock = std::chrono::steady_clock;

  towl::Result<void> check(ReadFrom from);
  void run();
  void finish();
  towl::Result<bool> round(bool all);
  towl::Result<void> deliver();
  towl::Result<StorePosition> durable_end() const;
  ParquetRequest request(const StorePosition& end) const;
  void take(const ParquetAnswer& answer);
  void fail(const towl::Error& error);
  bool gives_up() const { return Clock::now().time_since_epoch().count() > gives_up_at_; }
  int milliseconds_to_next_round() const;

  const OutputContext context_;
  const std::filesystem::path program_;
  const towl::Catalog catalog_;
  ParquetRequest request_;
  std::shared_ptr<Wakeup> wakeup_;
  BackOff back_off_;
  bool holds_ = false;
  bool is_first_ = true;
  std::unique_ptr<ParquetDelivery> delivery_;  ///< Null: the path is a folder.
  std::optional<ParquetAnswer> undelivered_;
  std::atomic<bool> undelivered_before_ = false;  ///< Then a stop does not wait for the network.
  std::atomic<Clock::rep> gives_up_at_ = Clock::time_point::max().time_since_epoch().count();

  mutable std::mutex mutex_;
  StorePosition at_;
  OutputStatus status_;
  std::atomic<bool> stopping_ = false;
  std::jthread thread_;
};

}  // namespace towld
