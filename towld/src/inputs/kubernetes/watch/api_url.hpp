// Where Kubernetes' API server is.
#pragma once

#include <string>

#include "inputs/kubernetes/kubernetes_config.hpp"
#include "towl/result.hpp"

namespace towld {

/// What is wrong with the key `api`; "": nothing.
std::string wrong_with_api(const std::string& api);

/// Where the API server is: `api`, else of $KUBERNETES_SERVICE_HOST and $KUBERNETES_SERVICE_PORT. Errors:
/// invalid_argument: neither says, or what they say is no address.
towl::Result<std::string> api_url(const KubernetesConfig& config);

}  // namespace towld
