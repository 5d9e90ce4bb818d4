// Wire turns the protocol's messages into ours. It is the only header that shows generated types: for .cpp files.
#pragma once

#include "collector/collector.hpp"
#include "towl/v1/towl.pb.h"

namespace towlctl {

/// Checks the shape of what the collector says about a file. Errors: bad_data.
PullResult<towl::ServedFile> to_remote_file(const towl::v1::FileInfo& info);

CollectorStats to_stats(const towl::v1::StatsResponse& response);

}  // namespace towlctl
