#include "inputs/kubernetes/kubernetes_config.hpp"

#include <algorithm>

#include "config/names.hpp"
#include "inputs/kubernetes/pod_source.hpp"
#include "limits/limits.hpp"

namespace towld {
namespace {

void check_patterns(YamlMap& map, const std::string& key, const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    if (pattern.find('*') < pattern.size() - 1) {
      map.complain(key, "\"" + pattern + "\": a * may only be the last character, e.g. \"app.kubernetes.io/*\"");
    }
  }
}

}  // namespace

void read_kubernetes(YamlMap& map, KubernetesConfig& config) {
  map.text("api", config.api);
  map.text("node", config.node);
  map.text("token_file", config.token_file);
  map.text("ca", config.ca);
  map.choice("insecure_skip_verify", kYesOrNo, config.skip_verify);
  map.texts("labels", config.labels);
  map.texts("annotations", config.annotations);
  map.duration("wait", config.wait_ns);
  if (config.node.empty()) map.complain("node", "say which node this is, e.g. node: \"${NODE_NAME}\"");
  if (config.wait_ns > kLongestPodWait.count()) map.complain("wait", "must be at most 1m");
  check_patterns(map, "labels", config.labels);
  check_patterns(map, "annotations", config.annotations);
  if (config.api.empty()) return;
  const auto sources = pod_sources();
  const std::string wrong = sources ? sources->wrong_with_api(config.api) : sources.error().message;
  if (!wrong.empty()) map.complain("api", wrong);
}

bool is_named(const std::vector<std::string>& patterns, std::string_view name) {
  return std::any_of(patterns.begin(), patterns.end(), [&](std::string_view pattern) {
    if (!pattern.ends_with('*')) return name == pattern;
    pattern.remove_suffix(1);
    return name.starts_with(pattern);
  });
}

}  // namespace towld
