// Outputs keeps the running outputs to what the configuration says.
//
// Threads: one at a time; describe() from any.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "ingest/ingest.hpp"
#include "log/spdlog.hpp"
#include "outputs/output.hpp"

namespace towld {

class Outputs {
 public:
  /// Borrows the ingest, which must outlive it.
  Outputs(Ingest& ingest, std::shared_ptr<spdlog::logger> log) : ingest_(ingest), log_(std::move(log)) {}
  ~Outputs() { stop(); }

  /// Stops outputs that `config` has no more, or has changed; starts those that are new.
  /// Errors: the first output that could not be started; the others run.
  towl::Result<void> apply(const Config& config);

  void stop();

  /// Name and description (JSON) of each.
  std::vector<std::pair<std::string, std::string>> describe() const;

 private:
  struct Running {
    OutputConfig config;
    std::unique_ptr<Output> output;
  };

  towl::Result<void> start(const OutputConfig& output);

  Ingest& ingest_;
  std::shared_ptr<spdlog::logger> log_;
  mutable std::mutex mutex_;
  std::vector<Running> running_;
};

}  // namespace towld
