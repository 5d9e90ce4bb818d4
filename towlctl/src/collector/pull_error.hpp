// PullError says why a request to the collector or a local write failed, sorted by what to do about it.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "towl/error.hpp"

namespace towlctl {

enum class PullFailure {
  cut,       ///< The connection or the collector went away, or stalled: worth trying again.
  diverged,  ///< The collector has another file than the mirror.
  gone,      ///< The collector no longer has the file, or never had it.
  bad_data,  ///< The collector sent something that no correct collector sends.
  refused,   ///< Any other error of the collector.
  local,     ///< The mirror cannot be read or written.
  stopped,   ///< The user wants to stop.
};

struct PullError {
  PullFailure failure = PullFailure::refused;
  std::string message;
};

template <class T>
using PullResult = tl::expected<T, PullError>;

/// Shorthand for `return` in a function that returns a PullResult.
inline tl::unexpected<PullError> pull_fail(PullFailure failure, std::string message) {
  return tl::unexpected<PullError>(PullError{failure, std::move(message)});
}
inline tl::unexpected<PullError> pull_fail(const towl::Error& local) {
  return pull_fail(PullFailure::local, local.to_string());
}

}  // namespace towlctl
