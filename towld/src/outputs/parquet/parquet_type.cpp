// The row of outputs of type `parquet`.
#include <filesystem>

#include "config/yaml_map.hpp"
#include "outputs/output_type.hpp"
#include "outputs/parquet/parquet_output.hpp"
#include "outputs/parquet/parquet_output_config.hpp"

namespace towld {
namespace {

constexpr std::string_view kObjects = "s3://";

/// Of BUCKET[/PREFIX].
S3Place read_objects(YamlMap& map, std::string path) {
  S3Place place;
  read_s3_server(map, place);
  while (path.ends_with('/')) path.pop_back();
  const auto slash = path.find('/');
  place.bucket = path.substr(0, slash);
  if (slash != std::string::npos) place.prefix = path.substr(slash + 1);
  if (place.bucket.empty() || place.prefix.starts_with('/')) {
    map.complain("path", "names a bucket and what keys begin with, e.g. { type: parquet, path: s3://logs/parquet }");
  }
  return place;
}

Settings read(YamlMap& map) {
  ParquetOutputConfig config;
  map.text("path", config.path);
  if (config.path.empty())
    map.complain("path", "parquet needs `path`, e.g. { type: parquet, path: /var/lib/towl/data }");
  if (config.path.starts_with(kObjects)) config.objects = read_objects(map, config.path.substr(kObjects.size()));
  map.choice("every", kParquetEvery, config.every);
  map.choice("compression", kParquetCompressions, config.compression);
  map.choice("from", kReadFrom, config.from);
  return Settings::of(std::move(config));
}

towl::Result<std::unique_ptr<Output>> start(const Settings& settings, OutputContext context) {
  return ParquetOutput::start(std::move(context), settings.as<ParquetOutputConfig>());
}

std::string target(const Settings& settings) {
  const auto& config = settings.as<ParquetOutputConfig>();
  if (config.objects) return config.objects->endpoint + "/" + config.objects->bucket + "/" + config.objects->prefix;
  return std::filesystem::path(config.path).lexically_normal().string();
}

}  // namespace

extern const OutputType kParquetOutput = {.name = "parquet", .read = read, .start = start, .target = target};

}  // namespace towld
