#include "inputs/kubernetes/watch/api_url.hpp"

#include <cstdlib>

#include "towl/web/http_client.hpp"

namespace towld {
namespace {

const char* variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::string wrong_with_api(const std::string& api) {
  if (std::string wrong = towl::web::wrong_with_url(api); !wrong.empty()) return wrong;
  const bool is_open = api.starts_with("http://") && !towl::web::is_this_host(api);
  return is_open ? "the token could be read on the way: use https://" : "";
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

}  // namespace towld
