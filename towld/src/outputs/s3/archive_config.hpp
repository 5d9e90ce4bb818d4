// ArchiveConfig is what can be set about `archive`, and about an output of type `s3`. The keys are listed in README.md.
#pragma once

#include <cstdint>
#include <optional>

#include "outputs/s3_place.hpp"

namespace towld {

struct ArchiveConfig {
  S3Place place = {};
  bool sealed = true;  ///< Files are archived once they are sealed; else once they are closed.
  std::optional<std::int64_t> keep_local_ns = {};  ///< Files closed longer ago go, once they are archived.

  friend bool operator==(const ArchiveConfig&, const ArchiveConfig&) = default;
};

}  // namespace towld
