#include "app/make_input.hpp"

#include <unistd.h>

#include <array>

#include "app/part_tables.hpp"
#include "parse/make_parsers.hpp"

namespace towld {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : "localhost";
}

}  // namespace

towl::Result<void> check_input(const InputConfig& input, const Config& config) {
  const InputType* type = find_type(input_types(), input.type);
  if (type == nullptr) return towl::fail(towl::ErrorCode::invalid_argument, "input " + input.name + ": unknown type");
  if (type->keeps_positions && config.store.file_format == towl::FileFormat::v1) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "input " + input.name + ": files of format 1 have no place for how far a source was read; set " +
                          "store.file_format to v2");
  }
  auto parsers = make_parsers(input.parsers);
  if (!parsers) return towl::fail(std::move(parsers.error()));
  const auto named = [&](towl::Error error) {
    error.message = "input " + input.name + ": " + error.message;
    if (error.file.empty()) error.file = input.source_text.place;
    return towl::fail(std::move(error));
  };
  if (parsers->joins() && !type->joins_lines) {
    return named({towl::ErrorCode::invalid_argument, "the parser multiline needs an input of type file", {}});
  }
  if (type->check == nullptr) return {};
  if (auto good = type->check(input.settings); !good) return named(std::move(good.error()));
  return {};
}

towl::Result<InputContext> make_input_context(const InputConfig& input, const Config& config, Ingest& ingest,
                                              std::shared_ptr<spdlog::logger> log) {
  if (auto good = check_input(input, config); !good) return towl::fail(std::move(good.error()));
  auto parsers = make_parsers(input.parsers);
  if (!parsers) return towl::fail(std::move(parsers.error()));
  const bool answers = find_type(input_types(), input.type)->answers;
  const Durability configured = config.store.durability;
  auto labels = std::make_shared<std::vector<Field>>();
  for (const auto& [name, value] : input.labels) labels->push_back({name, value});
  InputContext context;
  context.name = input.name;
  context.ingest = &ingest;
  context.parsers = std::make_shared<const ParserChain>(std::move(*parsers));
  context.labels = std::move(labels);
  context.min_level = input.min_level;
  context.durability = answers || configured == Durability::written ? configured : Durability::interval;
  if (input.max_entry_bytes) context.max_entry_bytes = *input.max_entry_bytes;
  context.sender = host_name();
  context.log = std::move(log);
  return context;
}

towl::Result<std::unique_ptr<Input>> make_input(const InputConfig& input, const InputServices& services,
                                                InputContext context) {
  auto started = find_type(input_types(), input.type)->start(input.settings, std::move(context), services);
  if (started) return started;
  towl::Error error = std::move(started.error());
  error.message = "input " + input.name + ": " + error.message;
  return towl::fail(std::move(error));
}

}  // namespace towld
