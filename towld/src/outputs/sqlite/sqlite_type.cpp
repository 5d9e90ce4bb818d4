// The row of outputs of type `sqlite`.
#include <filesystem>

#include "config/yaml_map.hpp"
#include "outputs/following_output.hpp"
#include "outputs/output_type.hpp"
#include "outputs/sqlite/sqlite_output_config.hpp"
#include "outputs/sqlite/sqlite_sink.hpp"

namespace towld {
namespace {

Settings read(YamlMap& map) {
  SqliteOutputConfig config;
  map.text("path", config.path);
  if (config.path.empty())
    map.complain("path", "sqlite needs `path`, e.g. { type: sqlite, path: /var/lib/towl/logs.db }");
  map.choice("from", kReadFrom, config.from);
  return Settings::of(std::move(config));
}

towl::Result<std::unique_ptr<Output>> start(const Settings& settings, OutputContext context) {
  const auto& config = settings.as<SqliteOutputConfig>();
  auto sink = std::make_unique<SqliteSink>(config.path, context.name);
  return FollowingOutput::start(std::move(context), config.from, std::move(sink));
}

std::string target(const Settings& settings) {
  return std::filesystem::path(settings.as<SqliteOutputConfig>().path).lexically_normal().string();
}

}  // namespace

extern const OutputType kSqliteOutput = {.name = "sqlite", .read = read, .start = start, .target = target};

}  // namespace towld
