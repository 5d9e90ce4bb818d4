#include "app/outputs.hpp"

#include "app/part_tables.hpp"

namespace towld {
namespace {

/// Within the store's folder: a store that is moved takes its outputs' positions with it.
constexpr const char* kCursorFolder = "outputs";

}  // namespace

bool forwards(const OutputConfig& output) {
  const OutputType* type = find_type(output_types(), output.type);
  return type != nullptr && type->forwards;
}

towl::Result<void> Outputs::apply(const Config& config) {
  const auto end = [&](auto& running) {
    running.part->stop();
    running.part->retire();
    log_->info("output {}: stopped", running.config.name);
  };
  return running_.keep_to(
      config.outputs, end, [](Output&) { return towl::Result<void>(); },
      [&](const OutputConfig& output) { return start(output); });
}

towl::Result<std::unique_ptr<Output>> Outputs::start(const OutputConfig& output) {
  const OutputType* type = find_type(output_types(), output.type);
  if (type == nullptr) return towl::fail(towl::ErrorCode::invalid_argument, "output " + output.name + ": unknown type");
  auto started = type->start(output.settings, {.name = output.name,
                                               .ingest = &ingest_,
                                               .log = log_,
                                               .cursor_folder = ingest_.reader().folder() / kCursorFolder});
  if (!started) {
    towl::Error error = std::move(started.error());
    error.message = "output " + output.name + ": " + error.message;
    return towl::fail(std::move(error));
  }
  log_->info("output {}: {} started", output.name, output.type);
  return started;
}

std::vector<std::pair<std::string, OutputStatus>> Outputs::status() const {
  std::vector<std::pair<std::string, OutputStatus>> all;
  running_.each([&](const OutputConfig& config, const Output& output) {
    all.emplace_back(config.name, output.status()).second.type = config.type;
  });
  return all;
}

}  // namespace towld
