#include "rpc/query_reactor.hpp"

#include <boost/asio/post.hpp>

#include "access/visible.hpp"
#include "limits/limits.hpp"
#include "queries/query_table.hpp"
#include "rpc/messages.hpp"
#include "rpc/peer.hpp"
#include "towl/quantity.hpp"
#include "towl/query/table_json.hpp"

namespace towld {

/// A search that is under way, with or without neighbours.
class QueryReactor::Entries {
 public:
  static towl::Result<std::unique_ptr<Entries>> open(QueryFiles files, const QueryQuestion& question,
                                                     const QueryLimits& limits, std::stop_token stop) {
    towl::SearchOptions options{.order = question.scope.order,
                                .limit = question.limit,
                                .deadline = std::chrono::steady_clock::now() + limits.time,
                                .stop = std::move(stop)};
    if (question.without_text) options.wanted = {.sender = false, .received = false, .text = false, .time = false};
    auto search = towl::Search::create(files.files, question.query.expression, options);
    if (!search) return towl::fail(std::move(search.error()));
    return std::make_unique<Entries>(std::move(files), std::move(*search), question.context);
  }

  Entries(QueryFiles looked, towl::Search search, const towl::Context& context) : files(std::move(looked)) {
    if (context.before + context.after > 0) {
      with_neighbours_.emplace(std::move(search), context);
    } else {
      search_.emplace(std::move(search));
    }
  }

  towl::Outcome next(bool& is_match) {
    is_match = true;
    return search_ ? search_->next() : with_neighbours_->next(is_match);
  }

  const QueryFiles files;

 private:
  std::optional<towl::Search> search_;
  std::optional<towl::ContextSearch> with_neighbours_;
};

QueryReactor* QueryReactor::start(grpc::CallbackServerContext& context, const towl::v1::QueryRequest& request,
                                  const QueryShared& shared, const std::shared_ptr<const Grant>& grant) {
  auto reactor = std::make_shared<QueryReactor>(context, shared, grant);
  reactor->self_ = reactor;
  auto question = to_question(request, shared.limits);
  ActiveCalls& calls = question && question->follow ? shared.following : shared.calls;
  if (!question) {
    const std::lock_guard lock(reactor->mutex_);
    reactor->end({grpc::StatusCode::INVALID_ARGUMENT, question.error().message});
  } else if (calls.add(reactor, grant, peer_host(context.peer()))) {
    reactor->begin(std::move(*question));
  } else {
    const std::lock_guard lock(reactor->mutex_);
    reactor->end(calls.stopping()
                     ? stopping_status()
                     : grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "too many queries: try again later"));
  }
  return reactor.get();
}

QueryReactor::QueryReactor(grpc::CallbackServerContext& context, const QueryShared& shared,
                           const std::shared_ptr<const Grant>& grant)
    : context_(context), shared_(shared), catalog_(visible_to(grant, shared.catalog)) {}

// Readers are given durable entries alone: what is written and acknowledged at a lower level is made so now.
void QueryReactor::begin(QueryQuestion question) {
  question_ = std::move(question);
  if (question_.follow) shared_.ingest.state().add(weak_from_this());
  const auto ready = [self = shared_from_this()] {
    const std::lock_guard lock(self->mutex_);
    self->ready_ = true;
    self->go_on();
  };
  if (shared_.ingest.state().get().unsynced) {
    shared_.ingest.make_durable(ready);
  } else {
    ready();
  }
}

void QueryReactor::write() {
  if (writing_ || finished_) return;
  const bool has_more = !pending_.entries().empty() || !pending_.unread().empty() || !rows_.empty() ||
                        pending_.end() != towl::v1::QUERY_END_REASON_UNSPECIFIED || !pending_.cursor().empty();
  if (!has_more) return;
  sending_ = std::move(pending_);
  pending_.Clear();
  pending_bytes_ = 0;
  // The end of a table comes with its last rows.
  const auto reason = sending_.end();
  std::size_t bytes = 0;
  while (!rows_.empty() && bytes < kQueryAheadBytes) {
    bytes += rows_.front().size();
    *sending_.add_rows() = std::move(rows_.front());
    rows_.pop_front();
  }
  if (!rows_.empty()) {
    sending_.set_end(towl::v1::QUERY_END_REASON_UNSPECIFIED);
    pending_.set_end(reason);
  }
  writing_ = true;
  write_begun_ = std::chrono::steady_clock::now();
  StartWrite(&sending_);
}

void QueryReactor::go_on() {
  if (finished_) return;
  write();
  if (ready_ && !status_ && !working_ && !waiting_ && pending_bytes_ < kQueryAheadBytes) {
    working_ = true;
    boost::asio::post(shared_.pool, [self = shared_from_this()] { self->work(); });
  }
  if (status_ && !working_ && !writing_) {
    finished_ = true;
    Finish(*status_);
  }
}

void QueryReactor::work() {
  auto status = stop_.stop_requested()           ? grpc::Status::CANCELLED
                : question_.follow               ? follow()
                : !question_.query.pipes.empty() ? make_table()
                                                 : search();
  // A search holds files open: not for longer than it is needed.
  if (status) entries_.reset();
  const std::lock_guard lock(mutex_);
  working_ = false;
  if (status && !status_) status_ = std::move(*status);
  missed_change_ = false;
  go_on();
}

bool QueryReactor::add(const towl::FoundEntry& entry, bool is_match, const QueryCursor& behind) {
  const std::lock_guard lock(mutex_);
  if (status_) return false;
  pending_bytes_ += to_message(entry, question_.without_text, is_match, record_, *pending_.add_entries());
  if (is_match) pending_.set_cursor(behind.text());
  write();
  return pending_bytes_ < kQueryAheadBytes;
}

void QueryReactor::add_unread(towl::FileId file, const towl::Error& error) {
  // Retention may have removed the file in the meantime.
  if (error.code == towl::ErrorCode::not_found) return;
  const std::lock_guard lock(mutex_);
  towl::v1::UnreadPart& part = *pending_.add_unread();
  part.set_file_id(file);
  part.set_reason(error.to_string());
  pending_bytes_ += part.reason().size();
}

void QueryReactor::end_with(towl::v1::QueryEndReason reason, const std::string& cursor) {
  const std::lock_guard lock(mutex_);
  pending_.set_end(reason);
  pending_.set_cursor(cursor);
}

grpc::Status QueryReactor::too_long() const {
  return {grpc::StatusCode::RESOURCE_EXHAUSTED,
          "the query takes longer than " + towl::format_duration(shared_.limits.time.count()) +
              ": ask for a shorter time range, or raise query.max_time of the collector"};
}

// Some more of it; nullopt if there is yet more.
std::optional<grpc::Status> QueryReactor::search() {
  if (!entries_) {
    auto files = files_of(catalog_, question_.scope);
    if (!files) return to_status(files.error());
    auto entries = Entries::open(std::move(*files), question_, shared_.limits, stop_.get_token());
    if (!entries) return to_status(entries.error());
    entries_ = std::move(*entries);
  }
  const bool forwards = question_.scope.order == towl::Order::forwards;
  for (;;) {
    bool is_match = false;
    const towl::Outcome outcome = entries_->next(is_match);
    if (const auto* found = std::get_if<towl::FoundEntry>(&outcome)) {
      if (is_match) last_ = {found->file_id(), forwards ? found->ordinal + 1 : found->ordinal};
      if (!add(*found, is_match, last_.value_or(QueryCursor{}))) return std::nullopt;
    } else if (const auto* unread = std::get_if<towl::Unread>(&outcome)) {
      add_unread(entries_->files.ids[unread->file], unread->error);
    } else {
      const auto& end = std::get<towl::SearchEnd>(outcome);
      using Reason = towl::SearchEnd::Reason;
      if (end.reason == Reason::stopped) return grpc::Status::CANCELLED;
      if (end.reason == Reason::done) {
        end_with(towl::v1::QUERY_END_REASON_DONE, "");
        return grpc::Status::OK;
      }
      // Backwards only what was found tells how far it is.
      if (!forwards && !last_) return too_long();
      const QueryCursor cursor = forwards ? entries_->files.cursor_at(end.next) : *last_;
      end_with(end.reason == Reason::limit ? towl::v1::QUERY_END_REASON_LIMIT : towl::v1::QUERY_END_REASON_TIME,
               cursor.file == 0 ? "" : cursor.text());
      return grpc::Status::OK;
    }
  }
}

std::optional<grpc::Status> QueryReactor::follow() {
  if (!tail_) tail_.emplace(catalog_, question_.query.expression, question_.scope.cursor, question_.scope.files);
  const std::uint64_t limit = question_.limit;
  const auto looked =
      tail_->look({.entry =
                       [&](const towl::FoundEntry& entry) {
                         ++found_;
                         return add(entry, true, {entry.file_id(), entry.ordinal + 1}) && found_ < limit;
                       },
                   .unread = [&](towl::FileId file, const towl::Error& error) { add_unread(file, error); }},
                  stop_.get_token());
  if (!looked) return to_status(looked.error());
  if (found_ >= limit) {
    end_with(towl::v1::QUERY_END_REASON_LIMIT, tail_->cursor().text());
    return grpc::Status::OK;
  }
  const std::lock_guard lock(mutex_);
  // So that the client knows its place also after what was looked at and not wanted.
  if (tail_->cursor().file != 0) pending_.set_cursor(tail_->cursor().text());
  if (*looked) waiting_ = !missed_change_;
  return std::nullopt;
}

std::optional<grpc::Status> QueryReactor::make_table() {
  auto files = files_of(catalog_, question_.scope);
  if (!files) return to_status(files.error());
  const std::uint64_t most = std::min(question_.limit, shared_.limits.entries);
  const auto made = table_of(*files, question_.query, most, shared_.limits,
                             {.order = question_.scope.order,
                              .deadline = std::chrono::steady_clock::now() + shared_.limits.time,
                              .stop = stop_.get_token()},
                             [&](const towl::Unread& unread) { add_unread(files->ids[unread.file], unread.error); });
  if (!made) return to_status(made.error());
  if (made->answer.end == towl::SearchEnd::Reason::stopped) return grpc::Status::CANCELLED;
  if (made->answer.end != towl::SearchEnd::Reason::done) return too_long();
  const std::lock_guard lock(mutex_);
  for (const towl::TableRow& row : made->answer.table.rows) rows_.push_back(towl::to_json(row));
  pending_.set_end(made->is_all             ? towl::v1::QUERY_END_REASON_DONE
                   : question_.limit > most ? towl::v1::QUERY_END_REASON_ROWS
                                            : towl::v1::QUERY_END_REASON_LIMIT);
  return grpc::Status::OK;
}

void QueryReactor::end(grpc::Status status) {
  if (!status_) status_ = std::move(status);
  stop_.request_stop();
  go_on();
}

// What is not sent yet is nobody's any more.
void QueryReactor::break_off(grpc::Status status) {
  pending_.Clear();
  rows_.clear();
  end(std::move(status));
}

void QueryReactor::OnWriteDone(bool ok) {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  if (ok) return go_on();
  break_off(grpc::Status::CANCELLED);
}

void QueryReactor::OnCancel() {
  const std::lock_guard lock(mutex_);
  break_off(grpc::Status::CANCELLED);
}

void QueryReactor::stop() {
  const std::lock_guard lock(mutex_);
  break_off(stopping_status());
}

// What is in flight may never arrive: only a cancelled call is sure to end.
void QueryReactor::revoke() {
  const std::lock_guard lock(mutex_);
  break_off(revoked_status());
  if (writing_ && !finished_) context_.TryCancel();
}

void QueryReactor::check_progress() {
  const std::lock_guard lock(mutex_);
  if (!writing_ || std::chrono::steady_clock::now() - write_begun_ < shared_.stall_time) return;
  shared_.reached->add(Limit::pull_stall_time);
  break_off({grpc::StatusCode::DEADLINE_EXCEEDED, "the client took nothing for too long"});
  // The message in flight will never arrive: only a cancelled call ends.
  if (!finished_) context_.TryCancel();
}

void QueryReactor::store_changed() {
  const std::lock_guard lock(mutex_);
  if (working_) missed_change_ = true;
  waiting_ = false;
  go_on();
}

void QueryReactor::OnDone() {
  // May be the last one to hold it.
  const auto self = std::move(self_);
}

}  // namespace towld
