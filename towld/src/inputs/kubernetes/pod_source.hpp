// PodSource is what keeps a PodDirectory as the API server has it: a PodWatch, of the room `watch`, which speaks HTTP.
//
// towld has that room in a module and loads it once a configuration asks for labels; a program can also link the room.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "inputs/kubernetes/kubernetes_config.hpp"
#include "inputs/kubernetes/pod_directory.hpp"
#include "log/spdlog.hpp"
#include "towl/result.hpp"

namespace towld {

class PodSource {
 public:
  virtual ~PodSource() = default;

  virtual const std::shared_ptr<PodDirectory>& pods() const = 0;

  /// Why the server does not answer what it is asked; "": it does. Any thread.
  virtual std::string error() const = 0;
};

/// How a PodSource is made.
struct PodSources {
  /// What is wrong with `api`; "": nothing.
  std::string (*wrong_with_api)(const std::string& api);
  /// What start() refuses of the configuration alone. Errors: invalid_argument.
  towl::Result<void> (*check)(const KubernetesConfig& config);
  /// `changed` is called, on a thread of the source, when the directory has something new. Errors: those of check();
  /// what is wrong with files or the server shows later.
  towl::Result<std::unique_ptr<PodSource>> (*start)(const KubernetesConfig& config, const std::string& input,
                                                    std::function<void()> changed, std::shared_ptr<spdlog::logger> log);
};

/// Errors: those of a module that cannot be loaded.
towl::Result<PodSources> pod_sources();

/// The name of a TellPodSources in the module.
inline constexpr const char* kPodSourcesSymbol = "towld_pod_sources";
using TellPodSources = void (*)(PodSources& sources);

}  // namespace towld
