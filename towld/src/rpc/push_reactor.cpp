#include "rpc/push_reactor.hpp"

#include <algorithm>
#include <utility>

#include "rpc/messages.hpp"

namespace towld {
namespace {

/// What of one stream may wait to be stored. A chunk has about 1 MiB: one more can be in hand.
constexpr std::size_t kMaxStreamBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxIdentityBytes = 64;

void to_message(const PushPosition& position, towl::v1::PushPosition& message) {
  message.set_file_id(position.file_id);
  message.set_count(position.count);
  message.set_digest(position.digest);
}

grpc::Status wrong(const char* what) { return {grpc::StatusCode::INVALID_ARGUMENT, what}; }

}  // namespace

PushReactor* PushReactor::start(Ingest& ingest, Durability durability, std::shared_ptr<InputCounters> counters,
                                ActiveCalls& calls) {
  auto reactor = std::make_shared<PushReactor>(ingest, durability, std::move(counters));
  std::lock_guard lock(reactor->mutex_);
  reactor->self_ = reactor;
  if (calls.add(reactor)) {
    reactor->go_on();
  } else if (calls.stopping()) {
    reactor->end(stopping_status());
  } else {
    reactor->end({grpc::StatusCode::RESOURCE_EXHAUSTED, "too many Push streams: try again later"});
  }
  return reactor.get();
}

grpc::Status PushReactor::take_start(const towl::v1::PushStart& start, std::string& source) {
  const std::string& store = start.store();
  const bool is_name = std::all_of(store.begin(), store.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (store.empty() || store.size() > kMaxIdentityBytes || !is_name) {
    return wrong("start.store must be the identity of the agent's store: 1 to 64 printable characters");
  }
  source = source_of_store(store);
  return grpc::Status::OK;
}

grpc::Status PushReactor::take(const towl::v1::PushRequest& request, Pieces& pieces) {
  if (request.has_file()) {
    const towl::v1::PushFile& file = request.file();
    towl::Uuid uuid;
    if (file.uuid().size() != uuid.size()) return wrong("file.uuid must have 16 bytes");
    std::copy(file.uuid().begin(), file.uuid().end(), uuid.begin());
    const auto begun = files_->begin_file({file.file_id(), file.first(), file.digest()}, uuid);
    return begun ? grpc::Status::OK : to_status(begun.error());
  }
  if (!request.has_chunk()) return wrong("a message that is neither `file` nor `chunk`");
  auto taken = files_->take(request.chunk().data());
  if (!taken) return to_status(taken.error());
  pieces = std::move(*taken);
  return grpc::Status::OK;
}

void PushReactor::OnReadDone(bool ok) {
  std::unique_lock lock(mutex_);
  if (!ok) {
    reading_ = false;
    return end(grpc::Status::OK);
  }
  if (status_) {
    reading_ = false;
    return go_on();
  }
  if (!files_) {
    std::string source;
    grpc::Status good =
        request_.has_start() ? take_start(request_.start(), source) : wrong("the first message must be `start`");
    reading_ = false;
    if (!good.ok()) return end(std::move(good));
    asking_ = true;
    lock.unlock();
    return ask_position(source);
  }
  Pieces pieces;
  if (auto good = take(request_, pieces); !good.ok()) {
    reading_ = false;
    return end(std::move(good));
  }
  waiting_batches_ += pieces.size();
  for (const auto& piece : pieces) waiting_bytes_ += piece.batch.bytes;
  lock.unlock();
  // Not with the mutex held: where the collector is stopping, the answer comes at once. reading_ stays set, so that
  // nobody begins the next read before: batches would reach the writer out of their order.
  for (auto& [batch, reached, lost] : pieces) {
    if (counters_) counters_->lost_in_source += lost;
    batch.durability = durability_;
    batch.stream = stream_;
    batch.input = counters_;
    batch.read_again = true;
    batch.done = [self = shared_from_this(), reached = reached, bytes = batch.bytes](
                     const towl::Result<Acknowledgement>& result) { self->answered(reached, bytes, result); };
    ingest_.submit(std::move(batch));
  }
  lock.lock();
  reading_ = false;
  go_on();
}

// With everything that other connections of this agent have submitted: those may be cut off and not know it yet.
void PushReactor::ask_position(const std::string& source) {
  Batch nothing;
  nothing.durability = Durability::written;
  nothing.done = [self = shared_from_this(), source](const towl::Result<Acknowledgement>&) {
    const bool taken = self->ingest_.ask([self, source](towl::StoreWriter& writer) -> std::function<void()> {
      return [self, source, position = std::string(writer.position(source))] {
        std::lock_guard guard(self->mutex_);
        self->asking_ = false;
        self->files_.emplace(source, position);
        self->resume_ = self->files_->position();
        self->go_on();
      };
    });
    if (taken) return;
    std::lock_guard guard(self->mutex_);
    self->asking_ = false;
    self->end(stopping_status());
  };
  ingest_.submit(std::move(nothing));
}

void PushReactor::answered(const PushPosition& reached, std::size_t bytes,
                           const towl::Result<Acknowledgement>& result) {
  std::lock_guard lock(mutex_);
  --waiting_batches_;
  waiting_bytes_ -= bytes;
  if (!result) {
    // What was refused is sent again on the next stream, from where the store then is.
    return end({grpc::StatusCode::UNAVAILABLE, "not stored, send it again: " + result.error().to_string()});
  }
  stored_ = reached;
  go_on();
}

void PushReactor::go_on() {
  if (finished_) return;
  if (!writing_ && (resume_ || stored_) && !(status_ && !status_->ok())) {
    response_.Clear();
    if (resume_) {
      to_message(*std::exchange(resume_, {}), *response_.mutable_resume());
    } else {
      to_message(*std::exchange(stored_, {}), *response_.mutable_stored());
    }
    writing_ = true;
    StartWrite(&response_);
  }
  if (!status_ && !reading_ && !asking_ && !waiting_for_room_ && waiting_bytes_ < kMaxStreamBytes) {
    if (ingest_.has_room_or([self = shared_from_this()] { self->resume(); })) {
      reading_ = true;
      StartRead(&request_);
    } else {
      waiting_for_room_ = true;
    }
  }
  const bool told = !stored_ || !status_ || !status_->ok();
  if (status_ && waiting_batches_ == 0 && !asking_ && !writing_ && told) {
    finished_ = true;
    Finish(*status_);
  }
}

void PushReactor::resume() {
  std::lock_guard lock(mutex_);
  waiting_for_room_ = false;
  go_on();
}

void PushReactor::end(grpc::Status status) {
  // The first failure is what the agent is told.
  if (!status_ || (status_->ok() && !status.ok())) status_ = std::move(status);
  go_on();
}

void PushReactor::OnWriteDone(bool ok) {
  std::lock_guard lock(mutex_);
  writing_ = false;
  if (!ok) return end(grpc::Status::CANCELLED);
  go_on();
}

void PushReactor::OnCancel() {
  std::lock_guard lock(mutex_);
  end(grpc::Status::CANCELLED);
}

void PushReactor::stop() {
  std::lock_guard lock(mutex_);
  end(stopping_status());
}

void PushReactor::OnDone() {
  // May be the last one to hold it.
  const auto self = std::move(self_);
}

}  // namespace towld
