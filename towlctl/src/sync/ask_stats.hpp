// ask_stats asks a collector what it counts, and what its inputs and outputs say of themselves.
#pragma once

#include <string>

#include "towl/result.hpp"
#include "towl/v1/towl.pb.h"

namespace towlctl {

/// `server` may be empty: the default one. Errors: io, with what to check.
towl::Result<towl::v1::StatsResponse> ask_stats(const std::string& server);

}  // namespace towlctl
