// The row of outputs of type `postgres`.
#include <algorithm>

#include "config/yaml_map.hpp"
#include "outputs/following_output.hpp"
#include "outputs/output_type.hpp"
#include "outputs/postgres/postgres_sink.hpp"

namespace towld {
namespace {

/// A plain name, maybe after a schema's: what needs no quotes.
bool is_table(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  return !name.empty() && name.size() <= 50 && is_letter(name.front()) && name.back() != '.' &&
         std::count(name.begin(), name.end(), '.') <= 1 && std::all_of(name.begin(), name.end(), [&](char c) {
           return is_letter(c) || c == '.' || (c >= '0' && c <= '9');
         });
}

Settings read(YamlMap& map) {
  PostgresConfig config;
  map.text("connection", config.connection);
  map.text("password_file", config.password_file);
  map.text("table", config.table);
  map.choice("from", kReadFrom, config.from);
  if (config.connection.empty()) {
    map.complain("connection", "is missing, e.g. { type: postgres, connection: \"host=db dbname=logs user=towl\" }");
  }
  if (config.connection.find("password") != std::string::npos) {
    map.complain("connection", "must not have a password: set password_file");
  }
  if (!is_table(config.table)) map.complain("table", "must be a plain name: a-z, 0-9 and _, maybe SCHEMA.NAME");
  return Settings::of(std::move(config));
}

towl::Result<std::unique_ptr<Output>> start(const Settings& settings, OutputContext context) {
  const auto& config = settings.as<PostgresConfig>();
  auto sink = std::make_unique<PostgresSink>(config, context.name,
                                             [ingest = context.ingest] { return ingest->state().get().identity; });
  return FollowingOutput::start(std::move(context), config.from, std::move(sink));
}

}  // namespace

extern const OutputType kPostgresOutput = {.name = "postgres", .read = read, .start = start};

}  // namespace towld
