// Pod is what an API server says of a pod and its entries are to have: its names, and chosen labels and annotations as
// fields, named as OpenTelemetry does: k8s.pod.label.NAME, k8s.pod.annotation.NAME.
//
// Values: texts, as they are. A value over kMaxPodFieldBytes is left out, and so is what would be more than
//         kMaxPodBytes of a pod together; labels come first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inputs/kubernetes/kubernetes_config.hpp"
#include "parse/draft.hpp"
#include "towl/result.hpp"

namespace towld {

/// Which pod a file is of, as its path says.
struct PodKey {
  std::string uid = {};  ///< Empty if the path has none.
  std::string name_space = {};
  std::string name = {};

  bool empty() const { return uid.empty() && name.empty(); }
};

struct Pod {
  PodKey key = {};
  /// What paths have in place of the UID, of pods that the node runs by itself; else empty.
  std::string config_hash = {};
  std::vector<Field> fields = {};
};

/// A part of the list of pods.
struct PodPage {
  std::vector<Pod> pods = {};
  std::string version = {};    ///< A watch goes on from here once all parts are known.
  std::string following = {};  ///< Token of the next part; empty: there is none.
};

/// What a watch tells of.
struct PodEvent {
  enum class Kind { changed, removed, bookmark, error };
  Kind kind = Kind::bookmark;
  Pod pod = {};              ///< Of `changed` and `removed`.
  std::string version = {};  ///< The watch has got so far. Of all but `error`.
  int code = 0;              ///< Of `error`: as HTTP has it; 410: what it asked for is no longer known.
  std::string message = {};  ///< Of `error`.
};

/// Reads the answer to a list: a PodList, or a PartialObjectMetadataList. Any bytes may come. Errors: invalid_argument.
towl::Result<PodPage> read_pod_page(std::string_view json, const KubernetesConfig& config);

/// Reads a line of a watch. Events of unknown types are bookmarks without a version. Errors: invalid_argument.
towl::Result<PodEvent> read_pod_event(std::string_view json, const KubernetesConfig& config);

/// Why the server refused, of the Status that it answered; "" if that is none.
std::string refusal_of(std::string_view json);

/// The pod that a file's path fields name; empty if they name none.
PodKey pod_of(const std::vector<Field>& path_fields);

}  // namespace towld
