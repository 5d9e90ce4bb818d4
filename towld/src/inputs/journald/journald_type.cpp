// The row of inputs of type `journald`.
#include "config/yaml_map.hpp"
#include "inputs/input_type.hpp"
#include "inputs/journald/journald_input.hpp"

namespace towld {
namespace {

Settings read(YamlMap& map) {
  JournaldInputConfig journald;
  map.texts("units", journald.units);
  map.text("directory", journald.directory);
  map.choice("read_from", kReadFrom, journald.read_from);
  return Settings::of(std::move(journald));
}

towl::Result<std::unique_ptr<Input>> start(const Settings& settings, InputContext context, const InputServices&) {
  const auto positions = context.ingest->positions();
  return as_input(JournaldInput::start(settings.as<JournaldInputConfig>(), std::move(context), positions));
}

towl::Result<void> check(const Settings& settings) {
  const auto& config = settings.as<JournaldInputConfig>();
  auto journal = Journal::open(config.directory, config.units);
  return journal ? towl::Result<void>{} : towl::fail(std::move(journal.error()));
}

}  // namespace

extern const InputType kJournaldInput = {
    .name = "journald", .read = read, .start = start, .check = check, .keeps_positions = true};

}  // namespace towld
