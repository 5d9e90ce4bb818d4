#include "config/read_inputs.hpp"

#include <algorithm>

#include "config/names.hpp"

namespace towld {
namespace {

void read_multiline(YamlMap& map, MultilineConfig& multiline) {
  map.text("start_pattern", multiline.start_pattern);
  map.text("continue_pattern", multiline.continue_pattern);
  if (multiline.start_pattern.empty() == multiline.continue_pattern.empty()) {
    map.complain("start_pattern", "either this or continue_pattern must be set");
  }
  map.duration("timeout", multiline.timeout_ns);
  map.number("max_lines", multiline.max_lines);
}

void read_file(YamlMap& map, FileInputConfig& file) {
  map.texts("include", file.include);
  if (file.include.empty()) map.complain("include", "name at least one file, e.g. [\"/var/log/*.log\"]");
  map.texts("exclude", file.exclude);
  map.choice("read_from", kReadFrom, file.read_from);
  map.duration("ignore_older", file.ignore_older_ns);
  map.duration("rotate_wait", file.rotate_wait_ns);
  map.bytes("max_line_bytes", file.max_line_bytes);
  map.choice("encoding", kEncodings, file.encoding);
  map.map("fingerprint", [&](YamlMap& inner) { inner.bytes("bytes", file.fingerprint_bytes); });
  map.map("multiline", [&](YamlMap& inner) { read_multiline(inner, file.multiline.emplace()); });
}

void read_journald(YamlMap& map, JournaldInputConfig& journald) {
  map.texts("units", journald.units);
  map.text("directory", journald.directory);
  map.choice("read_from", kReadFrom, journald.read_from);
}

void read_syslog(YamlMap& map, SyslogInputConfig& syslog) {
  map.text("listen", syslog.listen);
  const auto starts = [&](const char* scheme) { return syslog.listen.starts_with(scheme); };
  if (!starts("udp://") && !starts("tcp://") && !starts("tls://") && syslog.listen != "systemd") {
    map.complain("listen", "must be udp://HOST:PORT, tcp://HOST:PORT, tls://HOST:PORT or systemd");
  }
  map.map("tls", [&](YamlMap& inner) { read_tls(inner, syslog.tls.emplace()); });
  if (starts("tls://") && !syslog.tls) map.complain("listen", "tls:// needs `tls` with cert and key");
  map.text("time_zone", syslog.time_zone);
  map.number("max_connections", syslog.max_connections);
}

void read_level(YamlMap& map, std::optional<int>& level) {
  const auto name = map.scalar("min_level");
  if (!name) return;
  level = towl::parse_level(*name);
  if (!level) map.complain("min_level", "\"" + *name + "\" is not a level, e.g. err, warning, info or 0 to 7");
}

void read_input(YamlMap& map, InputConfig& input) {
  map.text("name", input.name);
  if (!map.choice("type", kInputTypes, input.type)) {
    map.complain("type", "is missing: one of " + list_of(kInputTypes));
  }
  read_parsers(map, input.parsers);
  map.text_map("labels", input.labels);
  read_level(map, input.min_level);
  switch (input.type) {
    case InputType::file:
      return read_file(map, input.file);
    case InputType::journald:
      return read_journald(map, input.journald);
    case InputType::syslog:
      return read_syslog(map, input.syslog);
    case InputType::http:
    case InputType::stdin_:
      return;
  }
}

void name_inputs(YamlMap& document, std::vector<InputConfig>& inputs) {
  const auto is_taken = [&](const std::string& name) {
    return std::count_if(inputs.begin(), inputs.end(), [&](const auto& input) { return input.name == name; });
  };
  for (InputConfig& input : inputs) {
    if (!input.name.empty()) {
      if (is_taken(input.name) > 1) document.complain("inputs", "two inputs are named \"" + input.name + "\"");
      continue;
    }
    const std::string type(name_of(kInputTypes, input.type));
    std::string name = type;
    for (int i = 2; is_taken(name) > 0; ++i) name = type + "-" + std::to_string(i);
    input.name = name;
  }
}

}  // namespace

void read_tls(YamlMap& map, TlsConfig& tls) {
  map.text("cert", tls.cert);
  map.text("key", tls.key);
  map.text("client_ca", tls.client_ca);
  if (tls.cert.empty() || tls.key.empty()) map.complain("cert", "both cert and key are needed");
}

void read_inputs(YamlMap& document, std::vector<InputConfig>& inputs) {
  document.items(
      "inputs", [&](const std::string&) { document.complain("inputs", "each must be a map with a `type`"); },
      [&](YamlMap& map) {
        read_input(map, inputs.emplace_back());
        inputs.back().source_text.yaml = map.source_text();
      });
  name_inputs(document, inputs);
}

}  // namespace towld
