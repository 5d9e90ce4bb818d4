// PathFields are the fields that a file's path says: LOG_FILE_PATH, what a pattern's named groups match, and what the
// paths of Kubernetes' logs have, without asking an API server:
//
//     …/pods/NAMESPACE_POD_UID/CONTAINER/RESTARTS.log             (/var/log/pods)
//     …/containers/POD_NAMESPACE_CONTAINER-ID.log                  (links to the former, or to Docker's files)
//
// Names are OpenTelemetry's: k8s.namespace.name, k8s.pod.name, k8s.pod.uid, k8s.container.name,
// k8s.container.restart_count, container.id. If a path says none, what its links lead to is tried.
// Threads: any; it does not change.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "parse/draft.hpp"
#include "parse/pattern.hpp"
#include "towl/result.hpp"

namespace towld {

inline constexpr std::string_view kPathField = "LOG_FILE_PATH";

class PathFields {
 public:
  /// `pattern` is a regular expression, or empty. Errors: invalid_argument: it cannot be used, or names no group.
  static towl::Result<std::shared_ptr<const PathFields>> create(const std::string& pattern);

  /// The fields of the file at this path; links are looked at.
  std::vector<Field> of(const std::string& path) const;

 private:
  std::unique_ptr<const Pattern> pattern_;
};

/// What a path of Kubernetes says; nothing for any other.
std::vector<Field> kubernetes_fields(std::string_view path);

}  // namespace towld
