// Inputs keeps the running inputs to what the configuration says.
//
// Threads: one at a time; status() and counters() from any.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "app/make_input.hpp"
#include "app/running_parts.hpp"
#include "config/config.hpp"
#include "ingest/ingest.hpp"
#include "inputs/input.hpp"
#include "log/spdlog.hpp"

namespace towld {

class Inputs {
 public:
  /// Borrows the ingest, which must outlive it.
  Inputs(Ingest& ingest, std::shared_ptr<spdlog::logger> log) : ingest_(ingest), log_(std::move(log)) {}
  ~Inputs() { stop(); }

  /// What the inputs use; to be called before apply().
  void use(InputServices services) { services_ = std::move(services); }

  /// Stops inputs that `config` no longer has, or has changed; starts those that are new. Others are left alone.
  /// Errors: the first input that could not be started; the others run.
  towl::Result<void> apply(const Config& config);

  /// Stops all.
  void stop() { running_.stop(); }

  /// Name and counters of each input that ran since the start, gone ones included.
  std::vector<std::pair<std::string, std::shared_ptr<InputCounters>>> counters() const;

  /// Name and status of each that runs.
  std::vector<std::pair<std::string, InputStatus>> status() const;

 private:
  towl::Result<std::unique_ptr<Input>> start(const InputConfig& input, const Config& config);
  std::shared_ptr<InputCounters> counters_of(const std::string& name);

  Ingest& ingest_;
  InputServices services_;
  const std::shared_ptr<SourceClaims> claims_ = std::make_shared<SourceClaims>();
  std::shared_ptr<spdlog::logger> log_;
  RunningParts<InputConfig, Input> running_;
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, std::shared_ptr<InputCounters>>> counters_;
};

}  // namespace towld
