// admit is the door of every call: whose token it has, and whether that allows it. Also the streams that only
// refuse.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <utility>

#include "access/access.hpp"

namespace towld {

struct Admitted {
  grpc::Status status = grpc::Status::OK;
  std::shared_ptr<const Grant> grant = {};  ///< nullptr if nobody asks.
};

/// The metadata that names, to callers on this host, the file of the token that administers the collector.
inline constexpr const char* kAdminTokenMetadata = "towl-admin-token-file";

/// Looks at the call's metadata: `authorization: Bearer T`. Refused: UNAUTHENTICATED for a missing or bad token,
/// PERMISSION_DENIED for one that does not allow it, RESOURCE_EXHAUSTED for too many bad ones. To refused callers on
/// this host the metadata tells where the admin's token is; reading it is up to the file's mode.
Admitted admit(Access& access, grpc::CallbackServerContext& context, Need need);

/// A stream of the kind `Reactor` that is refused. Owns itself until gRPC is done with it.
template <class Reactor>
class RefusedStream final : public Reactor {
 public:
  static Reactor* start(grpc::Status status) {
    const auto stream = std::make_shared<RefusedStream>();
    stream->self_ = stream;
    stream->Finish(std::move(status));
    return stream.get();
  }

  void OnDone() override { const auto self = std::move(self_); }

 private:
  std::shared_ptr<RefusedStream> self_;
};

}  // namespace towld
