// Outputs keeps the running outputs to what the configuration says.
//
// Threads: one at a time; status() from any.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/running_parts.hpp"
#include "config/config.hpp"
#include "ingest/ingest.hpp"
#include "log/spdlog.hpp"
#include "outputs/output.hpp"

namespace towld {

/// Whether it sends the store on: that needs files of format 2.
bool forwards(const OutputConfig& output);

class Outputs {
 public:
  /// Borrows the ingest, which must outlive it.
  Outputs(Ingest& ingest, std::shared_ptr<spdlog::logger> log) : ingest_(ingest), log_(std::move(log)) {}
  ~Outputs() { stop(); }

  /// Stops outputs that `config` no longer has, or has changed; starts those that are new.
  /// Errors: the first output that could not be started; the others run.
  towl::Result<void> apply(const Config& config);

  void stop() { running_.stop(); }

  /// Name and status of each.
  std::vector<std::pair<std::string, OutputStatus>> status() const;

 private:
  towl::Result<std::unique_ptr<Output>> start(const OutputConfig& output);

  Ingest& ingest_;
  std::shared_ptr<spdlog::logger> log_;
  RunningParts<OutputConfig, Output> running_;
};

}  // namespace towld
