// Who can reach the collector: other machines must not, without encryption and a login, unless `insecure` allows
// it.
#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"
#include "towl/result.hpp"

namespace towld {

/// A door that other machines can reach, to read or to send, though it is not closed.
struct OpenDoor {
  std::string address;
  std::string lacks;  ///< What would close it, for people.
};

/// All of the configuration's. Checks whether there are tokens. Errors: those of read_token_records().
towl::Result<std::vector<OpenDoor>> open_doors(const Config& config);

/// Errors: invalid_argument for an output that leads to an address that this collector itself listens on, as far as
/// names tell: entries would go round. What they do not tell, the collector finds when it is pushed to.
towl::Result<void> check_outputs(const Config& config);

/// Errors: permission_denied if there are any and the configuration's `insecure` does not allow them.
towl::Result<void> check_exposure(const Config& config);

}  // namespace towld
