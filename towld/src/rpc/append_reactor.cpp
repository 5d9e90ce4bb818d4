#include "rpc/append_reactor.hpp"

#include <utility>

#include "rpc/messages.hpp"
#include "rpc/peer.hpp"
#include "towl/time.hpp"

namespace towld {
namespace {

/// What of one stream may wait to be stored. Requests are at most 4 MiB: one more can be in hand.
constexpr std::size_t kMaxStreamBytes = std::size_t{1} << 20;
/// Acknowledgements that the client does not take.
constexpr std::size_t kMaxResponses = 1000;
/// Producers choose their IDs, usually a UUID; the collector remembers them.
constexpr std::size_t kMaxProducerIdBytes = 128;
/// Empty entries take two bytes each: a batch of 4 MiB would have two million, and take a hundred times its size.
constexpr int kMaxBatchEntries = 65'536;
/// What an entry costs in memory besides its text: the message's parts and the view.
constexpr std::size_t kEntryOverheadBytes = 160;

}  // namespace

AppendReactor* AppendReactor::start(const grpc::CallbackServerContext& context, Ingest& ingest, Durability standard,
                                    ActiveCalls& calls) {
  auto reactor = std::make_shared<AppendReactor>(peer_host(context.peer()), ingest, standard);
  std::lock_guard lock(reactor->mutex_);
  reactor->self_ = reactor;
  if (calls.add(reactor)) {
    reactor->go_on();
  } else if (calls.stopping()) {
    reactor->end(stopping_status());
  } else {
    reactor->end({grpc::StatusCode::RESOURCE_EXHAUSTED, "too many Append streams: try again later"});
  }
  return reactor.get();
}

AppendReactor::AppendReactor(std::string peer, Ingest& ingest, Durability standard)
    : peer_(std::move(peer)), ingest_(ingest), standard_(standard) {}

std::optional<towl::Timestamp> AppendReactor::event_time(const towl::v1::Entry& entry) {
  if (entry.has_time()) return entry.time();
  if (entry.log_format() != towl::v1::LOG_FORMAT_JOURNAL_JSON) return std::nullopt;
  record_.set({.sender = {},
               .received = towl::now(),
               .log_format = towl::LogFormat::journal_json,
               .log_entry = entry.log_entry()});
  bool is_unreadable = false;
  return record_.said_time(zone_, is_unreadable);
}

Batch AppendReactor::make_batch(std::shared_ptr<Request> request) {
  Batch batch;
  batch.producer_id = request->producer_id();
  batch.sequence = request->sequence();
  batch.durability = *to_durability(request->durability(), standard_);
  const towl::Timestamp arrived = towl::now();
  batch.entries.reserve(static_cast<std::size_t>(request->entries_size()));
  for (const auto& entry : request->entries()) {
    const towl::Timestamp time = event_time(entry).value_or(arrived);
    batch.entries.push_back({.sender = entry.sender().empty() ? std::string_view(peer_) : entry.sender(),
                             .received = arrived,
                             .log_format = static_cast<towl::LogFormat>(entry.log_format()),
                             .log_entry = entry.log_entry(),
                             .time_offset = towl::time_offset_of(arrived, time)});
    batch.bytes += entry.sender().size() + entry.log_entry().size() + kEntryOverheadBytes;
  }
  batch.stream = stream_;
  batch.done = [self = shared_from_this(), sequence = batch.sequence, bytes = batch.bytes](
                   const towl::Result<Acknowledgement>& result) { self->answer(sequence, bytes, result); };
  // The views also borrow peer_: the batch keeps the reactor, by `done`, and the request.
  batch.owner = std::move(request);
  return batch;
}

grpc::Status AppendReactor::check(const Request& request) const {
  const auto wrong = [](const char* what) { return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, what); };
  if (request.producer_id().size() > kMaxProducerIdBytes) return wrong("producer_id is longer than 128 bytes");
  if (!request.producer_id().empty() && request.sequence() == 0) {
    return wrong("with producer_id, sequence counts from 1");
  }
  if (!to_durability(request.durability(), standard_)) return wrong("an unknown durability");
  if (request.entries_size() > kMaxBatchEntries) return wrong("more than 65536 entries in a batch");
  return grpc::Status::OK;
}

void AppendReactor::OnReadDone(bool ok) {
  std::shared_ptr<Request> request;
  {
    std::lock_guard lock(mutex_);
    if (!ok) return end(grpc::Status::OK);
    if (status_) return go_on();
    if (auto wrong = check(*request_); !wrong.ok()) return end(std::move(wrong));
    request = std::move(request_);
    ++waiting_batches_;
  }
  Batch batch = make_batch(std::move(request));
  {
    std::lock_guard lock(mutex_);
    waiting_bytes_ += batch.bytes;
  }
  // Not with the mutex held: where the collector is stopping, the answer comes at once. reading_ stays set, so that
  // nobody begins the next read before: batches would reach the writer out of their order.
  ingest_.submit(std::move(batch));
  std::lock_guard lock(mutex_);
  reading_ = false;
  go_on();
}

void AppendReactor::answer(std::uint64_t sequence, std::size_t bytes, const towl::Result<Acknowledgement>& result) {
  std::lock_guard lock(mutex_);
  --waiting_batches_;
  waiting_bytes_ -= bytes;
  if (!result) return end(to_status(result.error()));
  Response response;
  response.set_sequence(sequence);
  to_message(*result, response);
  if (!cancelled_) responses_.push_back(std::move(response));
  go_on();
}

bool AppendReactor::may_read() const {
  return !status_ && !reading_ && !waiting_for_room_ && waiting_bytes_ < kMaxStreamBytes &&
         responses_.size() < kMaxResponses;
}

void AppendReactor::go_on() {
  if (finished_) return;
  if (!writing_ && !responses_.empty()) {
    writing_ = true;
    StartWrite(&responses_.front());
  }
  if (may_read()) {
    if (ingest_.has_room_or([self = shared_from_this()] { self->resume(); })) {
      reading_ = true;
      request_ = std::make_shared<Request>();
      StartRead(request_.get());
    } else {
      waiting_for_room_ = true;
    }
  }
  if (status_ && waiting_batches_ == 0 && responses_.empty() && !writing_) {
    finished_ = true;
    Finish(*status_);
  }
}

void AppendReactor::resume() {
  std::lock_guard lock(mutex_);
  waiting_for_room_ = false;
  go_on();
}

void AppendReactor::end(grpc::Status status) {
  // The first failure is what the client is told.
  if (!status_ || (status_->ok() && !status.ok())) status_ = std::move(status);
  go_on();
}

void AppendReactor::OnWriteDone(bool ok) {
  std::lock_guard lock(mutex_);
  writing_ = false;
  if (ok) {
    responses_.pop_front();
  } else {
    cancelled_ = true;
    responses_.clear();
    if (!status_) status_ = grpc::Status::CANCELLED;
  }
  go_on();
}

void AppendReactor::OnCancel() {
  std::lock_guard lock(mutex_);
  cancelled_ = true;
  // The one that is being written stays until gRPC has let go of it.
  if (!writing_) responses_.clear();
  if (responses_.size() > 1) responses_.erase(responses_.begin() + 1, responses_.end());
  end(grpc::Status::CANCELLED);
}

void AppendReactor::stop() {
  std::lock_guard lock(mutex_);
  end(stopping_status());
}

void AppendReactor::OnDone() {
  // May be the last one to hold it.
  const auto self = std::move(self_);
}

}  // namespace towld
