#include "rpc/push_reactor.hpp"

#include <algorithm>
#include <utility>

#include "limits/limits.hpp"
#include "rpc/messages.hpp"
#include "rpc/peer.hpp"
#include "towl/time.hpp"

namespace towld {
namespace {

void to_message(const PushPosition& position, towl::v1::PushPosition& message) {
  message.set_file_id(position.file_id);
  message.set_count(position.count);
  message.set_digest(position.digest);
}

bool is_identity(const std::string& text) {
  return !text.empty() && text.size() <= kMaxIdentityBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

Seconds seconds_now() { return Seconds(towl::now() / towl::kNanosecondsPerSecond); }

grpc::Status wrong_message(const char* what) { return {grpc::StatusCode::INVALID_ARGUMENT, what}; }

}  // namespace

PushReactor* PushReactor::start(const grpc::CallbackServerContext& context, Ingest& ingest, Durability durability,
                                std::shared_ptr<InputCounters> counters, ActiveCalls& calls,
                                std::shared_ptr<const Grant> grant, const Limits& limits,
                                std::shared_ptr<LimitCounts> reached) {
  const auto reactor =
      std::make_shared<PushReactor>(ingest, durability, std::move(counters), limits, std::move(reached));
  reactor->begin(calls, "Push", std::move(grant), peer_host(context.peer()));
  return reactor.get();
}

grpc::Status PushReactor::take_start(const towl::v1::PushStart& start) {
  const std::string& store = start.store();
  std::vector<std::string> chain(start.through().begin(), start.through().end());
  chain.push_back(store);
  if (!std::all_of(chain.begin(), chain.end(), is_identity) || chain.size() > kMaxUpstreams) {
    return wrong_message("start.store must be the identity of the agent's store: 1 to 64 printable characters");
  }
  const std::string own = ingest_.state().get().identity;
  if (std::find(chain.begin(), chain.end(), own) != chain.end()) {
    return {grpc::StatusCode::FAILED_PRECONDITION,
            own == store ? "LOOP: this is the collector of the store itself: its output must lead elsewhere"
                         : "LOOP: entries of this collector's store come into that one: they would go round"};
  }
  ingest_.upstreams().add(chain);
  {
    std::lock_guard lock(mutex_);
    asking_ = true;
  }
  ask_position(source_of_store(store));
  return grpc::Status::OK;
}

grpc::Status PushReactor::take(std::vector<Batch>& batches) {
  if (!files_)
    return request_.has_start() ? take_start(request_.start()) : wrong_message("the first message must be `start`");
  if (request_.has_file()) {
    const towl::v1::PushFile& file = request_.file();
    towl::Uuid uuid;
    if (file.uuid().size() != uuid.size()) return wrong_message("file.uuid must have 16 bytes");
    std::copy(file.uuid().begin(), file.uuid().end(), uuid.begin());
    const auto begun = files_->begin_file({file.file_id(), file.first(), file.digest()}, uuid);
    return begun ? grpc::Status::OK : to_status(begun.error());
  }
  if (!request_.has_chunk()) return wrong_message("a message that is neither `file` nor `chunk`");
  if (ingest_.queued_bytes() > limits_[Limit::push_queue_bytes]) {
    reached_->add(Limit::push_queue_bytes);
    return {grpc::StatusCode::UNAVAILABLE, "too much waits to be stored: send it again"};
  }
  auto pieces = files_->take(request_.chunk().data());
  if (!pieces && pieces.error().code == towl::ErrorCode::entry_too_large) {
    reached_->add(Limit::push_bytes);
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
      const std::string position(writer.position(source));
      PushingStores& stores = self->ingest_.pushing_stores();
      PushingStores::Place place;
      if (position.empty()) {
        place = stores.place_for(self->owner(), writer.positions(), seconds_now(), self->limits_);
        if (place.reached) self->reached_->add(*place.reached);
      }
      return [self, source, position, place] {
        if (place.forgotten) self->forget(*place.forgotten);
        self->knows_position(source, position, place.is_there);
      };
    });
    if (taken) return;
    std::lock_guard guard(self->mutex_);
    self->asking_ = false;
    self->end(stopping_status());
  };
  ingest_.submit(std::move(nothing));
}

// Unless it pushes just now. It is gone once the next entry is stored.
void PushReactor::forget(const towl::SourcePosition& store) {
  Batch batch;
  batch.durability = Durability::written;
  batch.expects = store;
  batch.positions = {{store.source, ""}};
  batch.done = [](const towl::Result<Acknowledgement>&) {};
  ingest_.submit(std::move(batch));
}

std::string PushReactor::owner() const { return grant_ ? grant_->name() : ""; }

void PushReactor::knows_position(const std::string& source, std::string position, bool has_room) {
  const std::string before = owner_of_position(position);
  const bool is_anothers = !before.empty() && before != owner() && ingest_.has_owner(before);
  std::lock_guard lock(mutex_);
  asking_ = false;
  if (is_anothers) {
    return end({grpc::StatusCode::PERMISSION_DENIED,
                "this store was pushed with another token: push it with that one, or have it revoked"});
  }
  if (!has_room) {
    return end({grpc::StatusCode::RESOURCE_EXHAUSTED,
                "too many stores push here: no other one is taken until one was gone for long"});
  }
  source_ = source;
  if (!position.empty()) present_ = ingest_.pushing_stores().saw(source, seconds_now());
  files_.emplace(source, std::move(position), owner(), limits_[Limit::push_bytes]);
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
  if (!present_) present_ = ingest_.pushing_stores().saw(source_, seconds_now());
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
