#include "rpc/pull_reactor.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "access/peer_group.hpp"
#include "access/visible.hpp"
#include "limits/limits.hpp"
#include "rpc/messages.hpp"
#include "rpc/peer.hpp"

namespace towld {
namespace {

using namespace std::chrono_literals;

towl::FeedStart to_start(const towl::v1::PullRequest& request) {
  towl::FeedStart start{.file_id = request.file_id(),
                        .count = request.count(),
                        .follow = request.follow(),
                        .proof = {},
                        .store = request.store()};
  if (request.has_proof()) {
    const towl::v1::MirrorProof& proof = request.proof();
    start.proof = towl::MirrorProof{proof.size(), proof.opened(), proof.tail_crc32c(), proof.digest(), proof.chain()};
  }
  return start;
}

}  // namespace

PullReactor* PullReactor::start(grpc::CallbackServerContext& context, const grpc::ByteBuffer& request,
                                const PullShared& shared, const std::shared_ptr<const Grant>& grant) {
  const auto asked = to_request(request);
  auto reactor =
      std::make_shared<PullReactor>(context, to_start(asked.value_or(towl::v1::PullRequest())), shared, grant);
  reactor->self_ = reactor;
  ActiveCalls& calls = reactor->follow_ ? shared.followers : shared.calls;
  if (!asked) {
    std::lock_guard lock(reactor->mutex_);
    reactor->end({grpc::StatusCode::INTERNAL, "the request is no PullRequest"});
  } else if (calls.add(reactor, grant, reactor->peer_)) {
    reactor->begin();
  } else {
    std::lock_guard lock(reactor->mutex_);
    reactor->end(calls.stopping()
                     ? stopping_status()
                     : grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "too many pulls: try again later"));
  }
  return reactor.get();
}

PullReactor::PullReactor(grpc::CallbackServerContext& context, const towl::FeedStart& start, const PullShared& shared,
                         const std::shared_ptr<const Grant>& grant)
    : context_(context),
      peer_(peer_group(peer_host(context.peer()))),
      follow_(start.follow),
      shared_(shared),
      catalog_(visible_to(grant, shared.catalog)),
      feed_(start, catalog_) {
  ++shared_.counters.begun;
  ++shared_.counters.active;
  if (follow_) ++shared_.counters.followers;
}

PullReactor::~PullReactor() {
  drop_queue();
  shared_.budget.give_back(peer_, kind_, 0);
  --shared_.counters.active;
  if (follow_) --shared_.counters.followers;
}

// Readers are given durable entries alone: what is written and acknowledged at a lower level is made so now.
void PullReactor::begin() {
  if (follow_) shared_.ingest.state().add(weak_from_this());
  const auto ready = [self = shared_from_this()] {
    std::lock_guard lock(self->mutex_);
    self->ready_ = true;
    self->go_on();
  };
  if (shared_.ingest.state().get().unsynced) {
    shared_.ingest.make_durable(ready);
  } else {
    ready();
  }
}

void PullReactor::go_on() {
  if (finished_) return;
  if (!writing_ && !queue_.empty()) {
    writing_ = true;
    write_begun_ = std::chrono::steady_clock::now();
    if (queue_.front().chunk_bytes > 0) {
      std::size_t held = 0;
      for (const Message& message : queue_) held += message.chunk_bytes;
      write_ = shared_.budget.begin_write(peer_, held, weak_from_this(), write_begun_, patience());
    }
    StartWrite(&queue_.front().bytes);
  }
  // One that may never read holds a chunk, and waits for no other.
  const std::size_t ahead = has_read() && shared_.budget.may_read_ahead() ? 2 : 1;
  if (ready_ && !status_ && !stepping_ && !waiting_ && !starved_ && queue_.size() < ahead) {
    stepping_ = true;
    boost::asio::post(shared_.pool, [self = shared_from_this()] { self->step(); });
  }
  if (status_ && !stepping_ && !writing_ && queue_.empty()) {
    finished_ = true;
    Finish(*status_);
  }
}

// There may be room in the budget again.
void PullReactor::has_room() {
  starved_ = false;
  turn_.is_told = true;
  go_on();
}

void PullReactor::step() {
  std::size_t chunk_bytes = 0;
  {
    std::lock_guard lock(mutex_);
    chunk_bytes = has_read() ? kMaxChunkBytes : kFirstPullChunkBytes;
    const auto resume = [pool = &shared_.pool, self = weak_from_this()] {
      boost::asio::post(*pool, [self] {
        const auto held = self.lock();
        if (!held) return;
        std::lock_guard guard(held->mutex_);
        held->has_room();
      });
    };
    if (!status_ && !shared_.budget.has_room_or(peer_, kind_, turn_, weak_from_this(), resume)) {
      stepping_ = false;
      starved_ = true;
      spare_->drop();
      return;
    }
  }
  std::string memory = spare_->take();
  // If many pulls hold chunks, they must not also hold what they held before.
  if (!shared_.budget.may_read_ahead()) spare_->drop();
  auto next = feed_.next(std::min(chunk_bytes, shared_.budget.chunk_bytes()), std::move(memory));
  std::lock_guard lock(mutex_);
  stepping_ = false;
  if (!next) return end(to_status(next.error()));
  if (!status_) take(std::move(*next));
  go_on();
}

void PullReactor::take(towl::FeedStep step) {
  Message message;
  towl::v1::PullResponse response;
  if (auto* begins = std::get_if<towl::FileBegins>(&step)) {
    to_message(begins->file, *response.mutable_file());
    message.bytes = to_bytes(response);
  } else if (auto* reached = std::get_if<towl::FileReached>(&step)) {
    to_message(reached->file, *response.mutable_reached());
    message.bytes = to_bytes(response);
  } else if (auto* stored = std::get_if<towl::Chunk>(&step)) {
    message.chunk_bytes = stored->bytes.size();
    turn_.is_told = false;
    message.bytes = to_bytes(std::move(*stored), spare_);
  } else if (std::holds_alternative<towl::FeedEnds>(step)) {
    status_ = grpc::Status::OK;
    return pass_turn_on();
  } else {
    waiting_ = !missed_change_;
    missed_change_ = false;
    spare_->drop();  // Many followers wait long.
    return pass_turn_on();
  }
  push(std::move(message));
}

// It needs no room now: others do.
void PullReactor::pass_turn_on() {
  if (std::exchange(turn_.is_told, false)) shared_.budget.give_back(peer_, kind_, 0);
}

void PullReactor::push(Message message) {
  message.kind = kind_;
  shared_.budget.take(peer_, kind_, message.chunk_bytes);
  if (write_) shared_.budget.add_to_write(*write_, message.chunk_bytes);
  queue_.push_back(std::move(message));
}

void PullReactor::drop_queue() {
  while (queue_.size() > (writing_ ? 1u : 0u)) {
    shared_.budget.give_back(peer_, queue_.back().kind, queue_.back().chunk_bytes);
    queue_.pop_back();
  }
}

void PullReactor::end(grpc::Status status) {
  if (!status_) status_ = std::move(status);
  go_on();
}

void PullReactor::OnWriteDone(bool ok) {
  std::lock_guard lock(mutex_);
  writing_ = false;
  if (write_) shared_.budget.end_write(*std::exchange(write_, {}));
  const std::size_t bytes = queue_.front().chunk_bytes;
  const bool at_once = std::chrono::steady_clock::now() - write_begun_ < kPullStuckAfter;
  if (ok) taken_bytes_ += bytes;
  if (bytes > 0) kind_ = at_once && has_read() ? PullKind::taker : PullKind::unknown;
  shared_.budget.give_back(peer_, queue_.front().kind, bytes);
  queue_.pop_front();
  if (ok) {
    shared_.counters.bytes += bytes;
    return go_on();
  }
  drop_queue();
  end(grpc::Status::CANCELLED);
}

void PullReactor::OnCancel() {
  std::lock_guard lock(mutex_);
  drop_queue();
  end(grpc::Status::CANCELLED);
}

void PullReactor::stop() {
  std::lock_guard lock(mutex_);
  drop_queue();
  end(stopping_status());
}

// What is in flight may never arrive: only a cancelled call is sure to end.
void PullReactor::revoke() {
  std::lock_guard lock(mutex_);
  drop_queue();
  end(revoked_status());
  if (writing_ && !finished_) context_.TryCancel();
}

void PullReactor::check_progress() {
  std::lock_guard lock(mutex_);
  if (!writing_) return;
  const auto patience = shared_.stall_time / (shared_.budget.is_short() ? kPullHurry : 1);
  if (std::chrono::steady_clock::now() - write_begun_ >= patience) end_for_taking_nothing();
}

void PullReactor::end_stuck() {
  std::lock_guard lock(mutex_);
  // It may have been taken in the meantime.
  if (writing_ && std::chrono::steady_clock::now() - write_begun_ >= patience()) end_for_taking_nothing();
}

bool PullReactor::has_read() const { return taken_bytes_ >= kPullProofBytes; }

std::chrono::milliseconds PullReactor::patience() const {
  return has_read() ? kPatienceWithPullReaders * kPullStuckAfter : kPullStuckAfter;
}

void PullReactor::end_for_taking_nothing() {
  shared_.reached->add(Limit::pull_stall_time);
  drop_queue();
  end({grpc::StatusCode::DEADLINE_EXCEEDED, "the client took nothing for too long"});
  // The message in flight will never arrive: only a cancelled call ends.
  if (!finished_) context_.TryCancel();
}

void PullReactor::store_changed() {
  std::lock_guard lock(mutex_);
  if (stepping_) missed_change_ = true;
  waiting_ = false;
  go_on();
}

void PullReactor::OnDone() {
  // May be the last one to hold it.
  const auto self = std::move(self_);
}

}  // namespace towld
