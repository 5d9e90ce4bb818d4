#include "config/input_config.hpp"

#include "config/read_parts.hpp"
#include "limits/limits.hpp"
#include "towl/record/level.hpp"

namespace towld {
namespace {

void read_level(YamlMap& map, std::optional<int>& level) {
  const auto name = map.scalar("min_level");
  if (!name) return;
  level = towl::parse_level(*name);
  if (!level) map.complain("min_level", "\"" + *name + "\" is not a level, e.g. err, warning, info or 0 to 7");
}

void read_size(YamlMap& map, std::optional<std::uint64_t>& bytes) {
  map.bytes("max_entry_bytes", bytes);
  if (bytes && (*bytes < kLeastEntryBytes || *bytes > kMostEntryBytes)) {
    map.complain("max_entry_bytes", "must be 1KiB to 16MiB");
  }
}

}  // namespace

void read_inputs(YamlMap& document, const PartTypes& types, std::vector<InputConfig>& inputs) {
  read_parts(document, "inputs", "input", types.inputs, inputs, [&](YamlMap& map, InputConfig& input) {
    read_parsers(map, types.parsers, input.parsers);
    map.text_map("labels", input.labels);
    read_level(map, input.min_level);
    read_size(map, input.max_entry_bytes);
  });
}

}  // namespace towld
