// The row of outputs of type `parquet`.
#include <filesystem>

#include "config/yaml_map.hpp"
#include "outputs/output_type.hpp"
#include "outputs/parquet/parquet_output.hpp"
#include "outputs/parquet/parquet_output_config.hpp"

namespace towld {
namespace {

Settings read(YamlMap& map) {
  ParquetOutputConfig config;
  map.text("path", config.path);
  if (config.path.empty())
    map.complain("path", "parquet needs `path`, e.g. { type: parquet, path: /var/lib/towl/data }");
  map.choice("every", kParquetEvery, config.every);
  map.choice("compression", kParquetCompressions, config.compression);
  map.choice("from", kReadFrom, config.from);
  return Settings::of(std::move(config));
}

towl::Result<std::unique_ptr<Output>> start(const Settings& settings, OutputContext context) {
  return ParquetOutput::start(std::move(context), settings.as<ParquetOutputConfig>());
}

std::string target(const Settings& settings) {
  return std::filesystem::path(settings.as<ParquetOutputConfig>().path).lexically_normal().string();
}

}  // namespace

extern const OutputType kParquetOutput = {.name = "parquet", .read = read, .start = start, .target = target};

}  // namespace towld
