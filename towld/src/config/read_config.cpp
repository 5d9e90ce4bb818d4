#include "config/read_config.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <vector>

#include "config/bounded_yaml.hpp"
#include "config/expand.hpp"
#include "config/names.hpp"
#include "config/yaml_map.hpp"
#include "limits/limits.hpp"
#include "towl/quantity.hpp"

namespace towld {
namespace {

namespace fs = std::filesystem;

void read_partition(YamlMap& map, towl::PartitionPolicy& partition) {
  // If a configuration says how to partition, it says all: "max_entries alone" must not be cut by a default as well.
  partition = {};
  map.number("max_entries", partition.max_entries);
  map.bytes("max_bytes", partition.max_bytes);
  map.duration("max_age", partition.max_age_ns);
  auto period = towl::Period::day;
  if (map.choice("period", kPeriods, period)) partition.period = period;
}

void read_keep_free(YamlMap& map, towl::RetentionPolicy& retain) {
  const auto value = map.scalar("keep_free");
  if (!value) return;
  retain.keep_free_bytes.reset();
  retain.keep_free_percent.reset();
  if (!value->ends_with('%')) {
    const auto bytes = towl::parse_bytes(*value);
    if (!bytes) return map.complain("keep_free", bytes.error().message + ", or 5%");
    retain.keep_free_bytes = *bytes;
    return;
  }
  const auto percent = towl::parse_bytes(value->substr(0, value->size() - 1));
  if (!percent || *percent > 99) return map.complain("keep_free", "a percentage must be 0% to 99%");
  retain.keep_free_percent = static_cast<double>(*percent);
}

constexpr std::int64_t kLeastSignEvery = towl::kNanosecondsPerSecond;

void read_store(YamlMap& map, StoreConfig& store) {
  std::string path = store.path.string();
  map.text("path", path);
  if (path.empty()) map.complain("path", "must not be empty");
  store.path = path;
  map.text("org", store.org);
  map.text("title", store.title);
  map.choice("durability", kDurabilities, store.durability);
  map.choice("file_format", kFileFormats, store.file_format);
  map.choice("seal", kYesOrNo, store.seal);
  map.map("sign", [&](YamlMap& inner) {
    std::string key = store.sign.key.string();
    inner.text("key", key);
    store.sign.key = key;
    inner.duration("every", store.sign.every_ns);
    if (key.empty()) inner.complain("key", "names the file with the private key; `towld key create` makes one");
    if (store.sign.every_ns < kLeastSignEvery) inner.complain("every", "must be at least 1s");
  });
  map.map("partition", [&](YamlMap& inner) { read_partition(inner, store.partition); });
  map.map("retain", [&](YamlMap& inner) {
    inner.duration("max_age", store.retain.max_age_ns);
    inner.bytes("max_bytes", store.retain.max_bytes);
    read_keep_free(inner, store.retain);
  });
}

void read_query(YamlMap& map, QueryConfig& query) {
  map.number("threads", query.threads);
  if (query.threads < 1 || query.threads > kMaxQueryThreads) {
    map.complain("threads", "must be 1 to " + std::to_string(kMaxQueryThreads));
  }
  map.duration("max_time", query.max_time_ns);
  map.bytes("max_memory", query.max_memory);
  map.number("max_rows", query.max_rows);
  if (query.max_rows < 1) map.complain("max_rows", "must be 1 or more");
  map.bytes("max_expression", query.max_expression);
}

/// As the configuration has it: "4MiB", "10s", "128".
std::string text_of(LimitUnit unit, std::uint64_t value) {
  switch (unit) {
    case LimitUnit::bytes:
      return towl::format_exact_bytes(value);
    case LimitUnit::milliseconds:
      return towl::format_duration(static_cast<std::int64_t>(value) * 1'000'000);
    case LimitUnit::number:
      break;
  }
  return std::to_string(value);
}

void read_limit(YamlMap& map, const LimitRow& row, Limits& limits) {
  const std::string key(row.key);
  std::optional<std::uint64_t> value;
  if (row.unit == LimitUnit::bytes) map.bytes(key, value);
  if (row.unit == LimitUnit::number) map.number(key, value);
  if (row.unit == LimitUnit::milliseconds) {
    std::optional<std::int64_t> time_ns;
    map.duration(key, time_ns);
    if (time_ns) value = static_cast<std::uint64_t>(*time_ns / 1'000'000);
  }
  if (!value) return;
  if (*value < row.least || *value > row.most) {
    return map.complain(key, "must be " + text_of(row.unit, row.least) + " to " + text_of(row.unit, row.most));
  }
  limits.set(row.limit, *value);
}

towl::Result<std::string> contents_of(const fs::path& file) {
  std::error_code error;
  if (fs::is_directory(file, error)) {
    return towl::fail(towl::ErrorCode::invalid_argument, "is a folder: name a file in it, e.g. towld.yaml",
                      file.string());
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return towl::fail(towl::error_from_errno(errno, "cannot read the configuration", file.string()));
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (stream.bad()) return towl::fail(towl::ErrorCode::io, "cannot read the configuration", file.string());
  return text;
}

towl::Result<std::vector<fs::path>> files_of(const fs::path& file) {
  std::vector<fs::path> files;
  std::error_code error;
  const fs::path folder = file.parent_path() / "conf.d";
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".yaml") files.push_back(it->path());
  }
  if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory) {
    return towl::fail(towl::error_from_errno(error.value(), "cannot list the folder", folder.string()));
  }
  std::sort(files.begin(), files.end());
  files.insert(files.begin(), file);
  return files;
}

}  // namespace

towl::Result<void> read_document(std::string_view yaml, const std::string& name, const Environment& environment,
                                 const PartTypes& types, Config& config) {
  YAML::Node document;
  try {  // yaml-cpp reports by exception; it ends here.
    const std::string text(yaml);
    if (const auto line = second_document(text)) {
      return towl::fail(towl::ErrorCode::invalid_argument,
                        "a second document (after ---) would not be read: put it into a file of its own in conf.d",
                        name + ":" + std::to_string(*line));
    }
    document = YAML::Load(text);
  } catch (const YAML::Exception& error) {
    const std::string line = error.mark.line >= 0 ? ":" + std::to_string(error.mark.line + 1) : "";
    return towl::fail(towl::ErrorCode::invalid_argument, "not YAML: " + error.msg, name + line);
  }
  if (!is_bounded(document)) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "too deep or too large, or an alias (*NAME) stands within what it is the name of", name);
  }
  YamlContext context{name, environment};
  YamlMap map(document, "", context);
  map.map("store", [&](YamlMap& inner) { read_store(inner, config.store); });
  map.map("listen", [&](YamlMap& inner) {
    inner.text("grpc", config.listen.grpc);
    inner.text("http", config.listen.http);
    inner.texts("names", config.listen.names);
    inner.map("tls", [&](YamlMap& tls) { read_tls(tls, config.listen.tls.emplace()); });
  });
  map.map("auth", [&](YamlMap& inner) {
    std::string file;
    inner.text("tokens_file", file);
    if (!file.empty()) config.auth.tokens_file = file;
  });
  map.choice("insecure", kYesOrNo, config.insecure);
  map.map("query", [&](YamlMap& inner) { read_query(inner, config.query); });
  map.map("limits", [&](YamlMap& inner) {
    for (const LimitRow& row : kLimits) read_limit(inner, row, config.limits);
  });
  read_inputs(map, types, config.inputs);
  read_outputs(map, types, config.outputs);
  read_archive(map, types, config.outputs);
  map.map("log", [&](YamlMap& inner) {
    inner.choice("level", kLogLevels, config.log.level);
    inner.choice("format", kLogStyles, config.log.format);
  });
  map.finish();
  if (context.error) return towl::fail(*context.error);
  return {};
}

towl::Result<Config> read_config(const fs::path& file, const PartTypes& types, const Config& base,
                                 const Environment& environment) {
  Config config = base;
  const auto files = files_of(file);
  if (!files) return towl::fail(files.error());
  for (const fs::path& part : *files) {
    const auto text = contents_of(part);
    if (!text) return towl::fail(text.error());
    if (auto done = read_document(*text, part.string(), environment, types, config); !done)
      return towl::fail(done.error());
  }
  return config;
}

std::string print_config(const Config& config) {
  YAML::Emitter out;
  const auto quoted = [&](const char* key, const std::string& value) {
    out << YAML::Key << key << YAML::Value << YAML::DoubleQuoted << escape_variables(value);
  };
  const auto plain = [&](const char* key, std::string_view value) {
    out << YAML::Key << key << YAML::Value << std::string(value);
  };
  const auto begin = [&](const char* key) { out << YAML::Key << key << YAML::Value << YAML::BeginMap; };
  const StoreConfig& store = config.store;
  out << YAML::BeginMap;
  begin("store");
  quoted("path", store.path.string());
  quoted("org", store.org);
  quoted("title", store.title);
  begin("partition");
  if (store.partition.max_entries) plain("max_entries", std::to_string(*store.partition.max_entries));
  if (store.partition.max_bytes) plain("max_bytes", towl::format_exact_bytes(*store.partition.max_bytes));
  if (store.partition.max_age_ns) plain("max_age", towl::format_duration(*store.partition.max_age_ns));
  if (store.partition.period) plain("period", name_of(kPeriods, *store.partition.period));
  out << YAML::EndMap;
  plain("durability", name_of(kDurabilities, store.durability));
  plain("file_format", name_of(kFileFormats, store.file_format));
  plain("seal", name_of(kYesOrNo, store.seal));
  if (!store.sign.key.empty()) {
    begin("sign");
    quoted("key", store.sign.key.string());
    plain("every", towl::format_duration(store.sign.every_ns));
    out << YAML::EndMap;
  }
  begin("retain");
  if (store.retain.max_age_ns) plain("max_age", towl::format_duration(*store.retain.max_age_ns));
  if (store.retain.max_bytes) plain("max_bytes", towl::format_exact_bytes(*store.retain.max_bytes));
  if (store.retain.keep_free_bytes) plain("keep_free", towl::format_exact_bytes(*store.retain.keep_free_bytes));
  if (store.retain.keep_free_percent) {
    plain("keep_free", std::to_string(static_cast<int>(*store.retain.keep_free_percent)) + "%");
  }
  out << YAML::EndMap << YAML::EndMap;
  begin("listen");
  if (!config.listen.grpc.empty()) quoted("grpc", config.listen.grpc);
  if (!config.listen.http.empty()) quoted("http", config.listen.http);
  if (!config.listen.names.empty()) {
    out << YAML::Key << "names" << YAML::Value << YAML::Flow << YAML::BeginSeq;
    for (const std::string& name : config.listen.names) out << YAML::DoubleQuoted << escape_variables(name);
    out << YAML::EndSeq;
  }
  if (const auto& tls = config.listen.tls) {
    begin("tls");
    quoted("cert", tls->cert);
    quoted("key", tls->key);
    if (!tls->client_ca.empty()) quoted("client_ca", tls->client_ca);
    out << YAML::EndMap;
  }
  out << YAML::EndMap;
  if (!config.auth.tokens_file.empty()) {
    begin("auth");
    quoted("tokens_file", config.auth.tokens_file.string());
    out << YAML::EndMap;
  }
  if (config.insecure) plain("insecure", "true");
  begin("query");
  plain("threads", std::to_string(config.query.threads));
  plain("max_time", towl::format_duration(config.query.max_time_ns));
  plain("max_memory", towl::format_exact_bytes(config.query.max_memory));
  plain("max_rows", std::to_string(config.query.max_rows));
  plain("max_expression", towl::format_exact_bytes(config.query.max_expression));
  out << YAML::EndMap;
  if (config.limits != Limits()) {
    begin("limits");
    for (const LimitRow& row : kLimits) {
      const std::uint64_t value = config.limits[row.limit];
      if (value != row.standard) plain(std::string(row.key).c_str(), text_of(row.unit, value));
    }
    out << YAML::EndMap;
  }
  begin("log");
  plain("level", name_of(kLogLevels, config.log.level));
  plain("format", name_of(kLogStyles, config.log.format));
  out << YAML::EndMap;
  // Its name says where it stands.
  const auto is_archive = [](const auto& part) { return part.type == "s3" && part.name == "archive"; };
  const auto list = [&](const char* key, const auto& parts) {
    if (std::all_of(parts.begin(), parts.end(), is_archive)) return;
    out << YAML::Key << key << YAML::Value << YAML::BeginSeq;
    for (const auto& part : parts) {
      if (is_archive(part)) continue;
      out << YAML::Flow << YAML::DoubleQuoted << YAML::Load(part.source_text.yaml);
    }
    out << YAML::EndSeq;
  };
  list("inputs", config.inputs);
  list("outputs", config.outputs);
  for (const OutputConfig& output : config.outputs) {
    if (!is_archive(output)) continue;
    out << YAML::Key << "archive" << YAML::Value << YAML::Flow << YAML::DoubleQuoted
        << YAML::Load(output.source_text.yaml);
  }
  out << YAML::EndMap;
  return std::string(out.c_str()) + "\n";
}

}  // namespace towld
