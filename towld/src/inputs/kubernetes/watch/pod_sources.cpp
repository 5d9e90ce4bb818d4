// What others see of this room: see inputs/kubernetes/pod_source.hpp.
#include "inputs/kubernetes/pod_source.hpp"
#include "inputs/kubernetes/watch/api_url.hpp"
#include "inputs/kubernetes/watch/pod_watch.hpp"

namespace towld {
namespace {

towl::Result<void> check(const KubernetesConfig& config) {
  auto url = api_url(config);
  return url ? towl::Result<void>() : towl::fail(std::move(url.error()));
}

towl::Result<std::unique_ptr<PodSource>> start(const KubernetesConfig& config, const std::string& input,
                                               std::function<void()> changed, std::shared_ptr<spdlog::logger> log) {
  auto watch = PodWatch::start(config, input, std::move(changed), std::move(log));
  if (!watch) return towl::fail(std::move(watch.error()));
  return std::move(*watch);
}

}  // namespace

towl::Result<PodSources> pod_sources() {
  return PodSources{.wrong_with_api = wrong_with_api, .check = check, .start = start};
}

}  // namespace towld

/// As a module that is loaded.
extern "C" __attribute__((visibility("default"))) void towld_pod_sources(towld::PodSources& sources) {
  sources = *towld::pod_sources();
}
