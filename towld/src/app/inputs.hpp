// Inputs keeps the running inputs to what the configuration says.
//
// Threads: one at a time; describe() and counters() from any.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "app/make_input.hpp"
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
  void use(InputParts parts) { parts_ = std::move(parts); }

  /// Stops inputs that `config` has no more, or has changed; starts those that are new. Others are left alone.
  /// Errors: the first input that could not be started; the others run.
  towl::Result<void> apply(const Config& config);

  /// Stops all.
  void stop();

  /// Name and counters of each input that ran since the start, gone ones included.
  std::vector<std::pair<std::string, std::shared_ptr<InputCounters>>> counters() const;

  /// Name and description (JSON) of each that runs.
  std::vector<std::pair<std::string, std::string>> describe() const;

 private:
  struct Running {
    InputConfig config;
    std::shared_ptr<InputCounters> counters;
    std::unique_ptr<Input> input;
  };

  towl::Result<void> start(const InputConfig& input, const Config& config);
  std::shared_ptr<InputCounters> counters_of(const std::string& name);

  Ingest& ingest_;
  InputParts parts_;
  std::shared_ptr<spdlog::logger> log_;
  mutable std::mutex mutex_;
  std::vector<Running> running_;
  std::vector<std::pair<std::string, std::shared_ptr<InputCounters>>> counters_;
};

}  // namespace towld
