// How a gRPC call ended, in our words.
#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "collector/pull_error.hpp"

namespace towlctl {

/// Classifies a status other than OK that ended a Pull or ListFiles.
PullError pull_error(const grpc::Status& status);

/// The call ended because the other side was gone, and should be made again. CANCELLED counts, if this side did not
/// cancel: gRPC (1.51) gives this answer to a call that arrives while the server shuts down.
bool is_cut(const grpc::Status& status);

/// One line for a person: "UNAVAILABLE: Socket closed". What a server says is cut to a line's length, without
/// control characters.
std::string describe(const grpc::Status& status);

}  // namespace towlctl
