#include "rpc/query_stream.hpp"

#include <algorithm>

#include "rpc/read_call.hpp"

namespace towlctl {
namespace {

using Call = ReadCall<towl::v1::QueryRequest, towl::v1::QueryResponse>;

std::uint32_t neighbours(std::uint64_t count) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, UINT32_MAX));
}

towl::v1::QueryRequest to_request(const QueryCall& call) {
  towl::v1::QueryRequest request;
  request.set_expression(call.expression);
  request.set_order(call.backwards ? towl::v1::QUERY_ORDER_BACKWARDS : towl::v1::QUERY_ORDER_FORWARDS);
  request.set_limit(call.limit);
  request.set_cursor(call.cursor);
  for (const QueryRange& range : call.files) {
    towl::v1::FileRange& file = *request.add_files();
    file.set_file_id(range.file);
    file.set_first(range.from);
    if (range.end != ~towl::Ordinal{0}) file.set_end(range.end);
  }
  request.set_before(neighbours(call.before));
  request.set_after(neighbours(call.after));
  request.set_without_text(call.without_text);
  request.set_follow(call.follow);
  return request;
}

PullResult<QueryEvent> to_event(const towl::v1::FoundEntry& message) {
  QueryEvent event{.kind = QueryEvent::Kind::entry,
                   .file_id = message.file_id(),
                   .ordinal = message.ordinal(),
                   .entry = {.sender = message.sender(),
                             .received = message.received(),
                             .log_format = static_cast<towl::LogFormat>(message.log_format()),
                             .log_entry = message.log_entry()},
                   .is_neighbour = message.is_neighbour()};
  event.entry.set_time(message.time());
  const std::string& uuid = message.file_uuid();
  if (message.file_id() == 0 || (!uuid.empty() && uuid.size() != event.uuid.size())) {
    return pull_fail(PullFailure::bad_data, "the collector sent an entry of no file");
  }
  std::copy(uuid.begin(), uuid.end(), event.uuid.begin());
  return event;
}

PullResult<QueryEvent> to_end(const towl::v1::QueryResponse& message) {
  QueryEvent event{.kind = QueryEvent::Kind::end, .cursor = message.cursor()};
  switch (message.end()) {
    case towl::v1::QUERY_END_REASON_DONE:
      return event;
    case towl::v1::QUERY_END_REASON_LIMIT:
      event.end = QueryEvent::End::limit;
      return event;
    case towl::v1::QUERY_END_REASON_TIME:
      event.end = QueryEvent::End::time;
      return event;
    case towl::v1::QUERY_END_REASON_ROWS:
      event.end = QueryEvent::End::rows;
      return event;
    default:
      return pull_fail(PullFailure::bad_data,
                       "the collector ended its answer for a reason that is unknown to this towlctl");
  }
}

}  // namespace

class RpcQueryStream::State {
 public:
  State(const std::shared_ptr<grpc::Channel>& channel, const QueryCall& call, const std::string& token)
      : call_(channel, to_request(call), token,
              [](towl::v1::Towl::Stub& stub, grpc::ClientContext& context, const towl::v1::QueryRequest& request,
                 grpc::ClientReadReactor<towl::v1::QueryResponse>& reactor) {
                stub.async()->Query(&context, &request, &reactor);
              }) {}

  PullResult<QueryEvent> next(const std::stop_token& stop, std::chrono::milliseconds timeout) {
    if (message_ != nullptr) {
      if (auto event = next_of_message()) return *std::move(event);
    }
    const auto read = call_.next(stop, timeout);
    message_ = nullptr;
    if (!read) return tl::unexpected(read.error());
    if (read->is_end) return pull_fail(PullFailure::cut, "the answer ended before its end");
    if (read->message == nullptr) return QueryEvent{};
    message_ = read->message;
    at_ = 0;
    if (auto event = next_of_message()) return *std::move(event);
    return QueryEvent{};
  }

 private:
  // Its parts one after the other: at_ counts them.
  std::optional<PullResult<QueryEvent>> next_of_message() {
    int at = at_++;
    if (at < message_->entries_size()) return to_event(message_->entries(at));
    at -= message_->entries_size();
    if (at < message_->rows_size()) return QueryEvent{.kind = QueryEvent::Kind::row, .text = message_->rows(at)};
    at -= message_->rows_size();
    if (at < message_->unread_size()) {
      const towl::v1::UnreadPart& part = message_->unread(at);
      return QueryEvent{.kind = QueryEvent::Kind::unread, .file_id = part.file_id(), .text = part.reason()};
    }
    at -= message_->unread_size();
    if (at > 0) return std::nullopt;
    if (message_->end() != towl::v1::QUERY_END_REASON_UNSPECIFIED) return to_end(*message_);
    return QueryEvent{.kind = QueryEvent::Kind::place, .cursor = message_->cursor()};
  }

  Call call_;
  const towl::v1::QueryResponse* message_ = nullptr;
  int at_ = 0;
};

RpcQueryStream::RpcQueryStream(const std::shared_ptr<grpc::Channel>& channel, const QueryCall& call,
                               const std::string& token)
    : state_(std::make_unique<State>(channel, call, token)) {}

RpcQueryStream::~RpcQueryStream() = default;

PullResult<QueryEvent> RpcQueryStream::next(const std::stop_token& stop, std::chrono::milliseconds timeout) {
  return state_->next(stop, timeout);
}

}  // namespace towlctl
