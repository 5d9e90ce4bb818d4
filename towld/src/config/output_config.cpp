#include "config/output_config.hpp"

#include <algorithm>

#include "config/yaml_map.hpp"

namespace towld {
namespace {

constexpr Names<OutputFormat, 2> kStdoutFormats = {{{"json", OutputFormat::json}, {"console", OutputFormat::console}}};
constexpr Names<OutputFormat, 2> kFileFormatsOfOutputs = {{{"json", OutputFormat::json}, {"text", OutputFormat::text}}};

void read_output(YamlMap& map, OutputConfig& output) {
  map.text("name", output.name);
  if (!map.choice("type", kOutputTypes, output.type)) {
    return map.complain("type", "is missing: one of " + list_of(kOutputTypes));
  }
  switch (output.type) {
    case OutputType::towl:
      map.texts("remote", output.towl.remotes);
      if (output.towl.remotes.empty()) map.complain("remote", "name at least one collector, e.g. collector:50011");
      return;
    case OutputType::stdout_:
      map.choice("format", kStdoutFormats, output.format);
      break;
    case OutputType::file:
      map.text("path", output.path);
      if (output.path.empty()) map.complain("path", "file needs `path`, e.g. { type: file, path: /var/log/all.log }");
      map.choice("format", kFileFormatsOfOutputs, output.format);
      break;
  }
  map.choice("from", kReadFrom, output.from);
}

}  // namespace

void read_outputs(YamlMap& document, std::vector<OutputConfig>& outputs) {
  document.items(
      "outputs", [&](const std::string&) { document.complain("outputs", "each must be a map with a `type`"); },
      [&](YamlMap& map) {
        read_output(map, outputs.emplace_back());
        outputs.back().source_text.yaml = map.source_text();
      });
  const auto count_of = [&](const std::string& name) {
    return std::count_if(outputs.begin(), outputs.end(), [&](const auto& output) { return output.name == name; });
  };
  for (OutputConfig& output : outputs) {
    if (!output.name.empty()) {
      if (count_of(output.name) > 1) document.complain("outputs", "two outputs are named \"" + output.name + "\"");
      continue;
    }
    const std::string type(name_of(kOutputTypes, output.type));
    std::string name = type;
    for (int i = 2; count_of(name) > 0; ++i) name = type + "-" + std::to_string(i);
    output.name = name;
  }
}

}  // namespace towld
