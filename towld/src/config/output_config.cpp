#include "config/output_config.hpp"

#include "config/read_parts.hpp"

namespace towld {

void read_outputs(YamlMap& document, const PartTypes& types, std::vector<OutputConfig>& outputs) {
  read_parts(document, "outputs", "output", types.outputs, outputs, [](YamlMap&, OutputConfig&) {});
}

void read_archive(YamlMap& document, const PartTypes& types, std::vector<OutputConfig>& outputs) {
  document.map("archive", [&](YamlMap& map) {
    const PartType* type = read_type(map, types.outputs);
    if (type == nullptr) return;
    if (type->name != "s3") return map.complain("type", "\"" + std::string(type->name) + "\" is no archive: s3 is");
    OutputConfig& output = outputs.emplace_back();
    output.name = "archive";
    output.type = type->name;
    output.settings = type->read(map);
    output.source_text = {map.source_text(), map.place()};
    name_parts(document, "outputs", "output", outputs);
  });
}

}  // namespace towld
