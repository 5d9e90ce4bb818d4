#include "rpc/append_reactor.hpp"

#include <utility>

#include "limits/limits.hpp"
#include "rpc/messages.hpp"
#include "rpc/peer.hpp"
#include "towl/time.hpp"

namespace towld {
AppendReactor* AppendReactor::start(const grpc::CallbackServerContext& context, Ingest& ingest, Durability standard,
                                    ActiveCalls& calls, std::shared_ptr<const Grant> grant, std::uint64_t max_entries,
                                    std::shared_ptr<LimitCounts> reached) {
  const auto reactor =
      std::make_shared<AppendReactor>(peer_host(context.peer()), ingest, standard, max_entries, std::move(reached));
  reactor->begin(calls, "Append", std::move(grant), reactor->peer_);
  return reactor.get();
}

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
  batch.producer_owner = grant_ ? grant_->name() : "";
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
    batch.bytes += entry.sender().size() + entry.log_entry().size() + kMessageEntryOverheadBytes;
  }
  batch.done = [self = std::static_pointer_cast<AppendReactor>(shared_from_this()), request, bytes = batch.bytes](
                   const towl::Result<Acknowledgement>& result) { self->answer(*request, bytes, result); };
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
  if (static_cast<std::uint64_t>(request.entries_size()) > max_entries_) {
    reached_->add(Limit::append_entries);
    return {grpc::StatusCode::INVALID_ARGUMENT, "more than " + std::to_string(max_entries_) + " entries in a batch"};
  }
  return grpc::Status::OK;
}

grpc::Status AppendReactor::take(std::vector<Batch>& batches) {
  if (auto wrong = check(*request_); !wrong.ok()) {
    ingest_.count_unstored(static_cast<std::uint64_t>(request_->entries_size()), 0);
    keep_rejected(*request_, wrong.error_message());
    return wrong;
  }
  batches.push_back(make_batch(std::move(request_)));
  return grpc::Status::OK;
}

AppendReactor::Request* AppendReactor::next_request() {
  request_ = std::make_shared<Request>();
  return request_.get();
}

void AppendReactor::keep_rejected(const Request& request, const std::string& reason) {
  std::size_t bytes = 0;
  for (const auto& entry : request.entries()) {
    if (bytes >= kRejectedBytes) return;  // Enough of one request to see what is wrong with it.
    bytes += entry.log_entry().size() + kMessageEntryOverheadBytes;
    ingest_.reject({.reason = reason,
                    .input = "grpc",
                    .source = entry.sender().empty() ? peer_ : entry.sender(),
                    .bytes = entry.log_entry().substr(0, kRejectedBytes),
                    .original_bytes = entry.log_entry().size()});
  }
}

void AppendReactor::answer(const Request& request, std::size_t bytes, const towl::Result<Acknowledgement>& result) {
  const bool is_final = !result && (result.error().code == towl::ErrorCode::invalid_argument ||
                                    result.error().code == towl::ErrorCode::entry_too_large);
  if (is_final) keep_rejected(request, result.error().message);
  std::lock_guard lock(mutex_);
  answered(bytes);
  if (!result) return end(to_status(result.error()));
  Response response;
  response.set_sequence(request.sequence());
  to_message(*result, response);
  if (!cancelled_) responses_.push_back(std::move(response));
  go_on();
}

bool AppendReactor::wants_more() const { return responses_.size() < kMaxUntakenResponses; }

void AppendReactor::written(bool ok) {
  if (ok) return responses_.pop_front();
  cancelled_ = true;
  responses_.clear();
}

void AppendReactor::cancelled() {
  cancelled_ = true;
  // The one that is being written stays until gRPC has let go of it.
  if (!writing()) responses_.clear();
  if (responses_.size() > 1) responses_.erase(responses_.begin() + 1, responses_.end());
}

}  // namespace towld
