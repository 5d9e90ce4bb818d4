#include "app/make_input.hpp"

#include <unistd.h>

#include <array>

#include "config/names.hpp"
#include "inputs/file/file_input.hpp"
#include "inputs/syslog/syslog_input.hpp"

namespace towld {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : "localhost";
}

/// Sources that keep what is not stored, or that nobody hears from again: to wait for each sync gains nothing.
Durability durability_of(const InputConfig& input, Durability configured) {
  const bool answers = input.type == InputType::http;
  return answers || configured == Durability::written ? configured : Durability::interval;
}

}  // namespace

towl::Result<InputContext> make_input_context(const InputConfig& input, const Config& config, Ingest& ingest,
                                              std::shared_ptr<spdlog::logger> log) {
  auto labels = std::make_shared<std::vector<Field>>();
  for (const auto& [name, value] : input.labels) labels->push_back({name, value});
  InputContext context;
  context.name = input.name;
  context.ingest = &ingest;
  context.labels = std::move(labels);
  context.min_level = input.min_level;
  context.durability = durability_of(input, config.store.durability);
  context.sender = host_name();
  context.log = std::move(log);
  return context;
}

towl::Result<std::unique_ptr<Input>> make_input(const InputConfig& input, const Config&, InputContext context) {
  switch (input.type) {
    case InputType::file:
      return FileInput::start(input.file, std::move(context));
    case InputType::syslog:
      return SyslogInput::start(input.syslog, context);
    case InputType::journald:
    case InputType::http:
    case InputType::stdin_:
      break;
  }
  return towl::fail(
      towl::ErrorCode::invalid_argument,
      "input \"" + input.name + "\": type " + std::string(name_of(kInputTypes, input.type)) + " is not built in");
}

}  // namespace towld
