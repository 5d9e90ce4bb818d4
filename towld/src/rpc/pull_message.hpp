// A PullResponse as gRPC sends it. The bytes of a chunk go out from the memory that they were read into: through
// protobuf they would be copied once more, at the rate of the disk.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "towl/mirror/store_feed.hpp"
#include "towl/v1/towl.pb.h"

namespace towld {

/// The memory of a chunk that gRPC is done with, for the next one. Any thread.
class SpareMemory {
 public:
  /// Empty if there is none.
  std::string take();
  /// Keeps it, in place of what is kept, unless it is larger than chunks usually are.
  void give_back(std::string memory);
  /// Nothing will be sent for long: keeps nothing until the next take().
  void drop();

 private:
  std::mutex mutex_;
  std::string memory_;
  bool wanted_ = true;
};

grpc::ByteBuffer to_bytes(const towl::v1::PullResponse& message);

/// The same as through a PullResponse with this chunk. Its memory goes to `spare` once it was sent.
grpc::ByteBuffer to_bytes(towl::Chunk chunk, const std::shared_ptr<SpareMemory>& spare);

/// nullopt if that is none.
std::optional<towl::v1::PullRequest> to_request(const grpc::ByteBuffer& bytes);

}  // namespace towld
