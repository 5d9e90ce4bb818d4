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
  map.text("endpoint", config.endpoint);
  map.text("region", config.region);
  map.text("bucket", config.bucket);
  map.text("prefix", config.prefix);
  map.choice("every", kEvery, config.sealed);
  map.duration("keep_local", config.keep_local_ns);
  map.text("credentials_file", config.credentials_file);
  map.choice("plaintext", kYesOrNo, config.plaintext);
  map.map("tls", [&](YamlMap& inner) {
    inner.text("ca", config.ca);
    inner.choice("insecure_skip_verify", kYesOrNo, config.skip_verify);
  });
  while (config.prefix.ends_with('/')) config.prefix.pop_back();
  while (config.endpoint.ends_with('/')) config.endpoint.pop_back();
  if (config.bucket.empty() || config.bucket.find('/') != std::string::npos) {
    map.complain("bucket", "name the bucket, e.g. { type: s3, bucket: logs, prefix: web-1 }");
  }
  if (config.prefix.starts_with('/')) map.complain("prefix", "must not begin with a slash");
  if (!config.endpoint.empty()) {
    const std::string wrong = towl::web::wrong_with_url(config.endpoint);
    if (!wrong.empty()) map.complain("endpoint", "\"" + config.endpoint + "\" " + wrong);
    const bool is_clear = config.endpoint.starts_with("http://") && !towl::web::is_this_host(config.endpoint);
    if (is_clear && !config.plaintext) {
      map.complain("endpoint", "what is sent there can be read on the way: use https://, or say plaintext: true");
    }
  }
  return Settings::of(std::move(config));
}

towl::Result<std::unique_ptr<Output>> start(const Settings& settings, OutputContext context) {
  return Archiver::start(settings.as<ArchiveConfig>(), std::move(context));
}

std::string target(const Settings& settings) {
  const auto& config = settings.as<ArchiveConfig>();
  return config.endpoint + "/" + config.bucket + "/" + config.prefix;
}

}  // namespace

extern const OutputType kS3Output = {.name = "s3", .read = read, .start = start, .target = target};

}  // namespace towld
