// The row of inputs of type `http`, and the table of what they speak: a protocol is a folder next to this one, and a
// row here.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "config/name_table.hpp"
#include "config/yaml_map.hpp"
#include "inputs/http/http_input.hpp"
#include "inputs/input_type.hpp"

namespace towld {

extern const HttpProtocolType kIngestProtocol;
extern const HttpProtocolType kLokiProtocol;
extern const HttpProtocolType kElasticsearchProtocol;
extern const HttpProtocolType kOtlpProtocol;
extern const HttpProtocolType kJsonlineProtocol;
extern const HttpProtocolType kJournalUploadProtocol;

namespace {

const auto& protocols() {
  static constexpr std::array kProtocols = {&kIngestProtocol, &kLokiProtocol,     &kElasticsearchProtocol,
                                            &kOtlpProtocol,   &kJsonlineProtocol, &kJournalUploadProtocol};
  return kProtocols;
}

/// Names of protocols; empty: all.
using Spoken = std::vector<std::string>;

bool speaks(const Spoken& spoken, std::string_view name) {
  return spoken.empty() || std::find(spoken.begin(), spoken.end(), name) != spoken.end();
}

Settings read(YamlMap& map) {
  Spoken spoken;
  map.texts("protocols", spoken);
  std::vector<std::string_view> names;
  for (const HttpProtocolType* type : protocols()) names.push_back(type->name);
  for (const std::string& name : spoken) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    map.complain("protocols", "\"" + name + "\" is not one of " + list_of(names));
  }
  return Settings::of(std::move(spoken));
}

towl::Result<std::unique_ptr<Input>> start(const Settings& settings, InputContext context,
                                           const InputServices& services) {
  const Spoken spoken = settings == Settings() ? Spoken{} : settings.as<Spoken>();
  std::vector<HttpPart> parts;
  for (const HttpProtocolType* type : protocols()) {
    if (!speaks(spoken, type->name)) continue;
    HttpPart& part = parts.emplace_back();
    for (const InputPath& one : type->paths) part.paths.push_back(one.path);
    part.protocol = type->make();
  }
  return as_input(HttpInput::start(std::move(context), services.http, std::move(parts)));
}

std::vector<InputPath> all_paths() {
  std::vector<InputPath> paths;
  for (const HttpProtocolType* type : protocols()) paths.insert(paths.end(), type->paths.begin(), type->paths.end());
  return paths;
}

const std::vector<InputPath> kPaths = all_paths();

}  // namespace

extern const InputType kHttpInput = {.name = "http", .read = read, .start = start, .answers = true, .paths = kPaths};

}  // namespace towld
