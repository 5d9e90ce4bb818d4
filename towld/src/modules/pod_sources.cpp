// Labels of pods, whose source is in the module that speaks HTTP.
#include "inputs/kubernetes/pod_source.hpp"
#include "towl/modules/load_module.hpp"

namespace towld {

towl::Result<PodSources> pod_sources() {
  const auto tell = towl::modules::load_function<TellPodSources>(
      {.file = "libtowld_web.so", .what = "asks Kubernetes' API server", .needs = "libcurl"}, kPodSourcesSymbol);
  if (!tell) return tl::unexpected(tell.error());
  PodSources sources{};
  (*tell)(sources);
  return sources;
}

}  // namespace towld
