// The row of outputs of type `file`.
#include <filesystem>

#include "config/yaml_map.hpp"
#include "outputs/file/file_output_config.hpp"
#include "outputs/following_output.hpp"
#include "outputs/output_type.hpp"
#include "outputs/text_sink.hpp"

namespace towld {
namespace {

constexpr Names<OutputFormat, 2> kFormats = {{{"json", OutputFormat::json}, {"text", OutputFormat::text}}};

Settings read(YamlMap& map) {
  FileOutputConfig config;
  map.text("path", config.path);
  if (config.path.empty()) map.complain("path", "file needs `path`, e.g. { type: file, path: /var/log/all.log }");
  map.choice("format", kFormats, config.entries.format);
  map.choice("from", kReadFrom, config.entries.from);
  return Settings::of(std::move(config));
}

towl::Result<std::unique_ptr<Output>> start(const Settings& settings, OutputContext context) {
  const auto& config = settings.as<FileOutputConfig>();
  return FollowingOutput::start(std::move(context), config.entries.from,
                                std::make_unique<TextSink>(config.entries.format, Target::file(config.path)));
}

std::string target(const Settings& settings) {
  return std::filesystem::path(settings.as<FileOutputConfig>().path).lexically_normal().string();
}

}  // namespace

extern const OutputType kFileOutput = {.name = "file", .read = read, .start = start, .target = target};

}  // namespace towld
