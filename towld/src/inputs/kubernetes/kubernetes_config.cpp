#include "inputs/kubernetes/kubernetes_config.hpp"

#include <algorithm>
#include <cstdlib>

#include "config/names.hpp"
#include "limits/limits.hpp"
#include "towl/web/http_client.hpp"

namespace towld {
namespace {

void check_patterns(YamlMap& map, const std::string& key, const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    if (pattern.find('*') < pattern.size() - 1) {
      map.complain(key, "\"" + pattern + "\": a * may only be the last character, e.g. \"app.kubernetes.io/*\"");
    }
  }
}

const char* variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
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
  if (const std::string wrong = towl::web::wrong_with_url(config.api); !wrong.empty()) map.complain("api", wrong);
  if (config.api.starts_with("http://") && !towl::web::is_this_host(config.api)) {
    map.complain("api", "the token could be read on the way: use https://");
  }
}

towl::Result<std::string> api_url(const KubernetesConfig& config) {
  std::string url = config.api;
  if (url.empty()) {
    std::string host = variable("KUBERNETES_SERVICE_HOST");
    const std::string port = variable("KUBERNETES_SERVICE_PORT");
    if (host.empty() || port.empty()) {
      return towl::fail(
          towl::ErrorCode::invalid_argument,
          "kubernetes: this is no pod ($KUBERNETES_SERVICE_HOST is not set): say where the API server is, "
          "e.g. api: https://10.96.0.1:443");
    }
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    url = "https://" + host + ":" + port;
  }
  while (url.ends_with('/')) url.pop_back();
  if (const std::string wrong = towl::web::wrong_with_url(url); !wrong.empty()) {
    return towl::fail(towl::ErrorCode::invalid_argument, "kubernetes: the API server's address " + url + " " + wrong);
  }
  return url;
}

bool is_named(const std::vector<std::string>& patterns, std::string_view name) {
  return std::any_of(patterns.begin(), patterns.end(), [&](std::string_view pattern) {
    if (!pattern.ends_with('*')) return name == pattern;
    pattern.remove_suffix(1);
    return name.starts_with(pattern);
  });
}

}  // namespace towld
