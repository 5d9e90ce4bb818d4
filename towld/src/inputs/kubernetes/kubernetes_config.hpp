// KubernetesConfig is what an input of files says about the API server that knows the pods' labels. The keys are listed
// in README.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/yaml_map.hpp"

namespace towld {

struct KubernetesConfig {
  std::string api = {};   ///< https://HOST:PORT; empty: what Kubernetes tells a pod by its environment.
  std::string node = {};  ///< Only this node's pods are asked for.
  std::string token_file = "/var/run/secrets/kubernetes.io/serviceaccount/token";
  std::string ca = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";
  bool skip_verify = false;
  std::vector<std::string> labels = {"*"};  ///< Names, or the beginning of names and a '*'.
  std::vector<std::string> annotations = {};
  std::int64_t wait_ns = 5'000'000'000;  ///< The first entries of a file wait so long for the labels of its pod.

  friend bool operator==(const KubernetesConfig&, const KubernetesConfig&) = default;
};

void read_kubernetes(YamlMap& map, KubernetesConfig& config);

/// One of the names, or of the beginnings that end with '*'.
bool is_named(const std::vector<std::string>& patterns, std::string_view name);

}  // namespace towld
