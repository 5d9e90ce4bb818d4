// ArchiveConfig is what can be set about `archive`, and about an output of type `s3`. The keys are listed in README.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "towl/web/s3_client.hpp"

namespace towld {

struct ArchiveConfig {
  std::string endpoint = {};  ///< Empty: Amazon's.
  std::string region = "us-east-1";
  std::string bucket = {};
  std::string prefix = {};  ///< Of the objects' keys, without a slash at its end.
  bool sealed = true;       ///< Files are archived once they are sealed; else once they are closed.
  std::optional<std::int64_t> keep_local_ns = {};  ///< Files closed longer ago go, once they are archived.
  std::string credentials_file = {};               ///< Empty: see towl::web::find_s3_credentials().
  std::string ca = {};
  bool skip_verify = false;
  bool plaintext = false;

  friend bool operator==(const ArchiveConfig&, const ArchiveConfig&) = default;
};

}  // namespace towld
