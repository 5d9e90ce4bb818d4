// The row of outputs of type `s3`, which `archive` is, too.
#include "config/names.hpp"
#include "config/yaml_map.hpp"
#include "outputs/output_type.hpp"
#include "outputs/s3/archive_config.hpp"
#include "outputs/s3/archiver.hpp"

namespace towld {
namespace {

constexpr Names<bool, 2> kEvery = {{{"sealed", true}, {"closed", false}}};

Settings read(YamlMap& map) {
  ArchiveConfig config;
  read_s3_server(map, config.place);
  map.text("bucket", config.place.bucket);
  map.text("prefix", config.place.prefix);
  map.choice("every", kEvery, config.sealed);
  map.duration("keep_local", config.keep_local_ns);
  while (config.place.prefix.ends_with('/')) config.place.prefix.pop_back();
  if (config.place.bucket.empty() || config.place.bucket.find('/') != std::string::npos) {
    map.complain("bucket", "name the bucket, e.g. { type: s3, bucket: logs, prefix: web-1 }");
  }
  if (config.place.prefix.starts_with('/')) map.complain("prefix", "must not begin with a slash");
  return Settings::of(std::move(config));
}

towl::Result<std::unique_ptr<Output>> start(const Settings& settings, OutputContext context) {
  return Archiver::start(settings.as<ArchiveConfig>(), std::move(context));
}

std::string target(const Settings& settings) {
  const S3Place& place = settings.as<ArchiveConfig>().place;
  return place.endpoint + "/" + place.bucket + "/" + place.prefix;
}

}  // namespace

extern const OutputType kS3Output = {.name = "s3", .read = read, .start = start, .target = target};

}  // namespace towld
