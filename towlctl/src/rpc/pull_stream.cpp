#include "rpc/pull_stream.hpp"

#include <memory>
#include <utility>

#include "rpc/read_call.hpp"
#include "rpc/wire.hpp"
#include "towl/v1/towl.grpc.pb.h"

namespace towlctl {
namespace {

towl::v1::PullRequest to_request(const towl::FeedStart& start) {
  towl::v1::PullRequest request;
  request.set_file_id(start.file_id);
  request.set_count(start.count);
  request.set_follow(start.follow);
  request.set_store(start.store);
  if (start.proof) {
    request.mutable_proof()->set_size(start.proof->size);
    request.mutable_proof()->set_opened(start.proof->opened);
    request.mutable_proof()->set_tail_crc32c(start.proof->tail_crc32c);
    request.mutable_proof()->set_digest(start.proof->digest);
    request.mutable_proof()->set_chain(start.proof->chain);
  }
  return request;
}

PullResult<PullEvent> to_event(const towl::v1::PullResponse& message) {
  const auto with_file = [](PullEvent::Kind kind, const towl::v1::FileInfo& info) -> PullResult<PullEvent> {
    auto file = to_remote_file(info);
    if (!file) return tl::unexpected(file.error());
    return PullEvent{.kind = kind, .file = std::move(*file)};
  };
  switch (message.event_case()) {
    case towl::v1::PullResponse::kFile:
      return with_file(PullEvent::Kind::file, message.file());
    case towl::v1::PullResponse::kReached:
      return with_file(PullEvent::Kind::reached, message.reached());
    case towl::v1::PullResponse::kChunk: {
      const towl::v1::Chunk& chunk = message.chunk();
      const towl::ChunkView view = {{chunk.first(), chunk.offset()}, chunk.count(), chunk.data()};
      return PullEvent{.kind = PullEvent::Kind::chunk, .chunk = view};
    }
    default:
      return pull_fail(PullFailure::bad_data, "the collector sent an event that is unknown to this towlctl");
  }
}

}  // namespace

class RpcPullStream::Call final : public ReadCall<towl::v1::PullRequest, towl::v1::PullResponse> {
 public:
  using ReadCall::ReadCall;
};

RpcPullStream::RpcPullStream(const std::shared_ptr<grpc::Channel>& channel, const towl::FeedStart& start,
                             const std::string& token)
    : call_(std::make_unique<Call>(
          channel, to_request(start), token,
          [](towl::v1::Towl::Stub& stub, grpc::ClientContext& context, const towl::v1::PullRequest& request,
             grpc::ClientReadReactor<towl::v1::PullResponse>& reactor) {
            stub.async()->Pull(&context, &request, &reactor);
          })) {}

RpcPullStream::~RpcPullStream() = default;

PullResult<PullEvent> RpcPullStream::next(const std::stop_token& stop, std::chrono::milliseconds timeout) {
  const auto read = call_->next(stop, timeout);
  if (!read) return tl::unexpected(read.error());
  if (read->is_end) return PullEvent{.kind = PullEvent::Kind::end};
  return read->message == nullptr ? PullEvent{} : to_event(*read->message);
}

}  // namespace towlctl
