#include "app/make_input.hpp"

#include <unistd.h>

#include <array>

#include "config/names.hpp"
#include "inputs/file/file_input.hpp"
#include "inputs/http/http_input.hpp"
#include "inputs/journald/journald_input.hpp"
#include "inputs/stdin/stdin_input.hpp"
#include "inputs/syslog/syslog_input.hpp"
#include "parse/make_parsers.hpp"

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

bool has_positions(InputType type) { return type == InputType::file || type == InputType::journald; }

template <class T>
towl::Result<std::unique_ptr<Input>> as_input(towl::Result<std::unique_ptr<T>> started) {
  if (!started) return towl::fail(std::move(started.error()));
  return std::unique_ptr<Input>(std::move(*started));
}

towl::Result<std::unique_ptr<Input>> start(const InputConfig& input, const InputParts& parts, InputContext context) {
  switch (input.type) {
    case InputType::file:
      return as_input(FileInput::start(input.file, std::move(context)));
    case InputType::journald: {
      const auto positions = context.ingest->positions();
      return as_input(JournaldInput::start(input.journald, std::move(context), positions));
    }
    case InputType::syslog:
      return as_input(SyslogInput::start(input.syslog, context));
    case InputType::http:
      if (!parts.ingest_slot) {
        return towl::fail(towl::ErrorCode::invalid_argument, "it needs an HTTP address, and listen.http is none");
      }
      return as_input(HttpInput::start(std::move(context), parts.ingest_slot));
    case InputType::stdin_:
      break;
  }
  return as_input(StdinInput::start(std::move(context), {.at_end = parts.stdin_ended}));
}

}  // namespace

towl::Result<void> check_input(const InputConfig& input, const Config& config) {
  if (has_positions(input.type) && config.store.file_format == towl::FileFormat::v1) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "input " + input.name + ": files of format 1 have no place for how far a source was read; set " +
                          "store.file_format to v2");
  }
  if (auto parsers = make_parsers(input.parsers); !parsers) return towl::fail(std::move(parsers.error()));
  return {};
}

towl::Result<InputContext> make_input_context(const InputConfig& input, const Config& config, Ingest& ingest,
                                              std::shared_ptr<spdlog::logger> log) {
  if (auto good = check_input(input, config); !good) return towl::fail(std::move(good.error()));
  auto parsers = make_parsers(input.parsers);
  if (!parsers) return towl::fail(std::move(parsers.error()));
  auto labels = std::make_shared<std::vector<Field>>();
  for (const auto& [name, value] : input.labels) labels->push_back({name, value});
  InputContext context;
  context.name = input.name;
  context.ingest = &ingest;
  context.parsers = std::make_shared<const ParserChain>(std::move(*parsers));
  context.labels = std::move(labels);
  context.min_level = input.min_level;
  context.durability = durability_of(input, config.store.durability);
  context.sender = host_name();
  context.log = std::move(log);
  return context;
}

towl::Result<std::unique_ptr<Input>> make_input(const InputConfig& input, const InputParts& parts,
                                                InputContext context) {
  auto started = start(input, parts, std::move(context));
  if (started) return started;
  towl::Error error = std::move(started.error());
  error.message = "input " + input.name + ": " + error.message;
  return towl::fail(std::move(error));
}

}  // namespace towld
