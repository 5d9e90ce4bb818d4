#include "app/outputs.hpp"

#include <algorithm>
#include <iterator>

#include "config/names.hpp"
#include "outputs/entry_output.hpp"
#include "outputs/towl/forwarder.hpp"

namespace towld {

towl::Result<void> Outputs::apply(const Config& config) {
  std::vector<Running> gone;
  {
    std::lock_guard lock(mutex_);
    const auto end = std::stable_partition(running_.begin(), running_.end(), [&](const Running& running) {
      return std::find(config.outputs.begin(), config.outputs.end(), running.config) != config.outputs.end();
    });
    std::move(end, running_.end(), std::back_inserter(gone));
    running_.erase(end, running_.end());
  }
  for (Running& running : gone) {
    running.output->stop();
    running.output->retire();
    log_->info("output {}: stopped", running.config.name);
  }
  gone.clear();
  towl::Result<void> result;
  for (const OutputConfig& output : config.outputs) {
    const bool runs =
        std::any_of(running_.begin(), running_.end(), [&](const Running& running) { return running.config == output; });
    if (runs) continue;
    if (auto started = start(output); !started && result) result = std::move(started);
  }
  return result;
}

towl::Result<void> Outputs::start(const OutputConfig& output) {
  Running running{output, nullptr};
  if (output.type == OutputType::towl) {
    running.output = Forwarder::start({.name = output.name, .remotes = output.towl.remotes}, ingest_, log_);
  } else {
    auto started = EntryOutput::start(output, ingest_, log_);
    if (!started) {
      towl::Error error = std::move(started.error());
      error.message = "output " + output.name + ": " + error.message;
      return towl::fail(std::move(error));
    }
    running.output = std::move(*started);
  }
  log_->info("output {}: {} started", output.name, name_of(kOutputTypes, output.type));
  std::lock_guard lock(mutex_);
  running_.push_back(std::move(running));
  return {};
}

void Outputs::stop() {
  std::vector<Running> running;
  {
    std::lock_guard lock(mutex_);
    running.swap(running_);
  }
  for (Running& one : running) one.output->stop();
}

std::vector<std::pair<std::string, std::string>> Outputs::describe() const {
  std::lock_guard lock(mutex_);
  std::vector<std::pair<std::string, std::string>> all;
  for (const Running& running : running_) all.emplace_back(running.config.name, running.output->describe());
  return all;
}

}  // namespace towld
