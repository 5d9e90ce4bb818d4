#include "app/inputs.hpp"

#include <algorithm>
#include <iterator>

#include "config/names.hpp"

namespace towld {

towl::Result<void> Inputs::apply(const Config& config) {
  const auto wanted = [&](const Running& running) {
    return std::find(config.inputs.begin(), config.inputs.end(), running.config) != config.inputs.end();
  };
  std::vector<Running> gone;
  {
    std::lock_guard lock(mutex_);
    const auto end = std::stable_partition(running_.begin(), running_.end(), wanted);
    std::move(end, running_.end(), std::back_inserter(gone));
    running_.erase(end, running_.end());
  }
  for (Running& running : gone) {
    running.input->stop();
    log_->info("input {}: stopped", running.config.name);
  }
  gone.clear();
  towl::Result<void> result;
  for (const InputConfig& input : config.inputs) {
    const auto runs =
        std::find_if(running_.begin(), running_.end(), [&](const Running& running) { return running.config == input; });
    auto done = runs != running_.end() ? runs->input->reload() : start(input, config);
    if (!done && result) result = std::move(done);
  }
  return result;
}

towl::Result<void> Inputs::start(const InputConfig& input, const Config& config) {
  auto context = make_input_context(input, config, ingest_, log_);
  if (!context) return towl::fail(std::move(context.error()));
  context->counters = counters_of(input.name);
  const auto counters = context->counters;
  auto started = make_input(input, parts_, std::move(*context));
  if (!started) return towl::fail(std::move(started.error()));
  log_->info("input {}: {} started", input.name, name_of(kInputTypes, input.type));
  std::lock_guard lock(mutex_);
  running_.push_back({input, counters, std::move(*started)});
  return {};
}

std::shared_ptr<InputCounters> Inputs::counters_of(const std::string& name) {
  std::lock_guard lock(mutex_);
  for (const auto& [known, counters] : counters_) {
    if (known == name) return counters;
  }
  return counters_.emplace_back(name, std::make_shared<InputCounters>()).second;
}

void Inputs::stop() {
  std::vector<Running> running;
  {
    std::lock_guard lock(mutex_);
    running.swap(running_);
  }
  for (Running& one : running) one.input->stop();
}

std::vector<std::pair<std::string, std::shared_ptr<InputCounters>>> Inputs::counters() const {
  std::lock_guard lock(mutex_);
  return counters_;
}

std::vector<std::pair<std::string, std::string>> Inputs::describe() const {
  std::lock_guard lock(mutex_);
  std::vector<std::pair<std::string, std::string>> all;
  for (const Running& running : running_) all.emplace_back(running.config.name, running.input->describe());
  return all;
}

}  // namespace towld
