#include "rpc/push_reactor.hpp"

#include <algorithm>
#include <utility>

#include "limits/limits.hpp"
#include "rpc/messages.hpp"

namespace towld {
namespace {

void to_message(const PushPosition& position, towl::v1::PushPosition& message) {
  message.set_file_id(position.file_id);
  message.set_count(position.count);
  message.set_digest(position.digest);
}

grpc::Status wrong(const char* what) { return {grpc::StatusCode::INVALID_ARGUMENT, what}; }

}  // namespace

PushReactor* PushReactor::start(Ingest& ingest, Durability durability, std::shared_ptr<InputCounters> counters,
                                ActiveCalls& calls, std::shared_ptr<const Grant> grant) {
  const auto reactor = std::make_shared<PushReactor>(ingest, durability, std::move(counters));
  reactor->begin(calls, "Push", std::move(grant));
  return reactor.get();
}

grpc::Status PushReactor::take_start(const towl::v1::PushStart& start) {
  const std::string& store = start.store();
  const bool is_name = std::all_of(store.begin(), store.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (store.empty() || store.size() > kMaxIdentityBytes || !is_name) {
    return wrong("start.store must be the identity of the agent's store: 1 to 64 printable characters");
  }
  {
    std::lock_guard lock(mutex_);
    asking_ = true;
  }
  ask_position(source_of_store(store));
  return grpc::Status::OK;
}

grpc::Status PushReactor::take(std::vector<Batch>& batches) {
  if (!files_) return request_.has_start() ? take_start(request_.start()) : wrong("the first message must be `start`");
  if (request_.has_file()) {
    const towl::v1::PushFile& file = request_.file();
    towl::Uuid uuid;
    if (file.uuid().size() != uuid.size()) return wrong("file.uuid must have 16 bytes");
    std::copy(file.uuid().begin(), file.uuid().end(), uuid.begin());
    const auto begun = files_->begin_file({file.file_id(), file.first(), file.digest()}, uuid);
    return begun ? grpc::Status::OK : to_status(begun.error());
  }
  if (!request_.has_chunk()) return wrong("a message that is neither `file` nor `chunk`");
  if (ingest_.queued_bytes() > kMaxQueuedPushedBytes) {
    return {grpc::StatusCode::UNAVAILABLE, "too much waits to be stored: send it again"};
  }
  auto pieces = files_->take(request_.chunk().data());
  if (!pieces && pieces.error().code == towl::ErrorCode::entry_too_large) {
    return {grpc::StatusCode::RESOURCE_EXHAUSTED, pieces.error().to_string()};
  }
  if (!pieces) return to_status(pieces.error());
  for (auto& [batch, reached] : *pieces) {
    batch.durability = durability_;
    batch.input = counters_;
    batch.read_again = true;
    batch.done = [self = self(), reached = reached, bytes = batch.bytes](const towl::Result<Acknowledgement>& result) {
      self->answer(reached, bytes, result);
    };
    batches.push_back(std::move(batch));
  }
  return grpc::Status::OK;
}

// With everything that other connections of this agent have submitted: those may be cut off and not know it yet.
void PushReactor::ask_position(const std::string& source) {
  Batch nothing;
  nothing.durability = Durability::written;
  nothing.done = [self = self(), source](const towl::Result<Acknowledgement>&) {
    const bool taken = self->ingest_.ask([self, source](towl::StoreWriter& writer) -> std::function<void()> {
      return
          [self, source, position = std::string(writer.position(source))] { self->knows_position(source, position); };
    });
    if (taken) return;
    std::lock_guard guard(self->mutex_);
    self->asking_ = false;
    self->end(stopping_status());
  };
  ingest_.submit(std::move(nothing));
}

void PushReactor::knows_position(const std::string& source, std::string position) {
  std::lock_guard lock(mutex_);
  asking_ = false;
  files_.emplace(source, std::move(position));
  resume_ = files_->position();
  go_on();
}

void PushReactor::answer(const PushPosition& reached, std::size_t bytes, const towl::Result<Acknowledgement>& result) {
  std::lock_guard lock(mutex_);
  answered(bytes);
  if (!result) {
    // What was refused is sent again on the next stream, from where the store then is.
    return end({grpc::StatusCode::UNAVAILABLE, "not stored, send it again: " + result.error().to_string()});
  }
  stored_ = reached;
  go_on();
}

const towl::v1::PushResponse* PushReactor::next_response() {
  if ((!resume_ && !stored_) || (status() && !status()->ok())) return nullptr;
  response_.Clear();
  if (resume_) {
    to_message(*std::exchange(resume_, {}), *response_.mutable_resume());
  } else {
    to_message(*std::exchange(stored_, {}), *response_.mutable_stored());
  }
  return &response_;
}

bool PushReactor::may_finish() const { return !asking_ && (!stored_ || !status()->ok()); }

}  // namespace towld
