#include "app/inputs.hpp"

namespace towld {

towl::Result<void> Inputs::apply(const Config& config) {
  const auto end = [&](auto& running) {
    running.part->stop();
    log_->info("input {}: stopped", running.config.name);
  };
  return running_.keep_to(
      config.inputs, end, [](Input& input) { return input.reload(); },
      [&](const InputConfig& input) { return start(input, config); });
}

towl::Result<std::unique_ptr<Input>> Inputs::start(const InputConfig& input, const Config& config) {
  auto context = make_input_context(input, config, ingest_, log_);
  if (!context) return towl::fail(std::move(context.error()));
  context->counters = counters_of(input.name);
  context->claims = claims_;
  auto started = make_input(input, services_, std::move(*context));
  if (started) log_->info("input {}: {} started", input.name, input.type);
  return started;
}

std::shared_ptr<InputCounters> Inputs::counters_of(const std::string& name) {
  std::lock_guard lock(mutex_);
  for (const auto& [known, counters] : counters_) {
    if (known == name) return counters;
  }
  return counters_.emplace_back(name, std::make_shared<InputCounters>()).second;
}

std::vector<std::pair<std::string, std::shared_ptr<InputCounters>>> Inputs::counters() const {
  std::lock_guard lock(mutex_);
  return counters_;
}

std::vector<std::pair<std::string, InputStatus>> Inputs::status() const {
  std::vector<std::pair<std::string, InputStatus>> all;
  running_.each([&](const InputConfig& config, const Input& input) {
    all.emplace_back(config.name, input.status()).second.type = config.type;
  });
  return all;
}

}  // namespace towld
