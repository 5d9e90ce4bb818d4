// How a gRPC call ended, in our words.
#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "collector/pull_error.hpp"

namespace towlctl {

/// Sorts a status that is not OK, which a Pull or ListFiles ended with.
PullError pull_error(const grpc::Status& status);

/// The call ended for want of the other side, and is to be made again. CANCELLED counts, where this side did not
/// cancel: gRPC (1.51) answers so a call that arrives while the server shuts down.
bool is_cut(const grpc::Status& status);

/// One line for a person: "UNAVAILABLE: Socket closed". What a server says is cut to a line's length, without
/// control characters.
std::string describe(const grpc::Status& status);

}  // namespace towlctl
