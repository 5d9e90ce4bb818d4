#include "http_api/tail.hpp"

#include <boost/asio/post.hpp>
#include <optional>
#include <stop_token>

#include "http_api/file_list.hpp"
#include "http_api/parameters.hpp"
#include "http_api/query.hpp"
#include "http_api/query_parameters.hpp"
#include "limits/limits.hpp"
#include "queries/store_tail.hpp"
#include "towl/query/address.hpp"
#include "towl/query/entry_test.hpp"
#include "towl/record/json_text.hpp"

namespace towld {
namespace {

/// One client that follows. Held by its connection, and by the round that is under way.
class TailSession final : public towl::StoreListener, public std::enable_shared_from_this<TailSession> {
 public:
  TailSession(StoreTail tail, HttpResponder respond, std::stop_token gone, boost::asio::thread_pool& pool,
              std::shared_ptr<TailCount> count, std::string peer)
      : tail_(std::move(tail)),
        respond_(std::move(respond)),
        gone_(std::move(gone)),
        pool_(pool),
        count_(std::move(count)),
        peer_(std::move(peer)) {}
  TailSession(const TailSession&) = delete;
  TailSession& operator=(const TailSession&) = delete;
  ~TailSession() override { count_->remove(peer_); }

  /// Tells first what was missed.
  void begin(bool is_gone) {
    const std::lock_guard lock(mutex_);
    working_ = false;
    add_place(pending_);
    if (is_gone) {
      add_event("removed", "the entry that was named is not there any more: the oldest ones that are follow", pending_);
    }
    // The second is for nginx, which would wait for a full buffer.
    respond_.begin(
        {.content_type = "text/event-stream", .headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}}},
        [self = shared_from_this()](HttpBodyEvent event) { self->heard(event); });
  }

  void store_changed() override {
    const std::lock_guard lock(mutex_);
    if (working_) missed_change_ = true;
    waiting_ = false;
    go_on();
  }

 private:
  void heard(HttpBodyEvent event) {
    const std::lock_guard lock(mutex_);
    if (event == HttpBodyEvent::taken) writing_ = false;
    // So that the place is known after what was looked at and not wanted.
    if (event == HttpBodyEvent::idle && !working_) add_place(pending_);
    if (event == HttpBodyEvent::idle && pending_.empty()) pending_ = ":\n\n";
    go_on();
  }

  // With mutex_ held.
  void go_on() {
    if (!writing_ && !pending_.empty()) {
      writing_ = true;
      respond_.write(std::exchange(pending_, {}));
    }
    if (working_ || waiting_ || pending_.size() >= kQueryAheadBytes || gone_.stop_requested()) return;
    working_ = true;
    boost::asio::post(pool_, [self = shared_from_this()] { self->work(); });
  }

  void work() {
    const auto looked =
        tail_.look({.entry = [this](const towl::FoundEntry& entry) { return add_entry(entry); },
                    .unread = [this](towl::FileId file, const towl::Error& error) { add_unread(file, error); }},
                   gone_);
    const std::lock_guard lock(mutex_);
    working_ = false;
    if (!looked) {
      add_event("unread", looked.error().to_string(), pending_);
      waiting_ = true;
    } else if (*looked) {
      waiting_ = !missed_change_;
    }
    missed_change_ = false;
    go_on();
  }

  bool add_entry(const towl::FoundEntry& entry) {
    constexpr std::string_view kScheme = "towl://";
    std::string id = towl::address_text(*entry.header, entry.ordinal);
    if (id.starts_with(kScheme)) id.erase(0, kScheme.size());
    std::string text = "id: " + id + "\ndata: ";
    append_found(entry, text);
    text += "\n\n";
    const std::lock_guard lock(mutex_);
    pending_ += text;
    if (!writing_) {
      writing_ = true;
      respond_.write(std::exchange(pending_, {}));
    }
    return pending_.size() < kQueryAheadBytes;
  }

  void add_unread(towl::FileId file, const towl::Error& error) {
    const std::lock_guard lock(mutex_);
    add_event("unread", "file " + std::to_string(file) + ": " + error.message, pending_);
  }

  void add_place(std::string& to) const {
    std::string id = StoreTail::id_before(tail_.catalog(), tail_.cursor());
    to += "id: " + id + "\n\n";
  }

  static void add_event(std::string_view type, std::string_view data, std::string& to) {
    to.append("event: ").append(type).append("\ndata: ");
    for (const char c : data) to += c == '\n' || c == '\r' ? ' ' : c;
    to += "\n\n";
  }

  StoreTail tail_;  // of the thread that works
  const HttpResponder respond_;
  const std::stop_token gone_;
  boost::asio::thread_pool& pool_;
  const std::shared_ptr<TailCount> count_;
  const std::string peer_;

  std::mutex mutex_;
  std::string pending_;
  bool writing_ = true;         // until the head is taken
  bool working_ = true;         // until begin()
  bool waiting_ = false;        // for the store to change
  bool missed_change_ = false;  // the store changed while a round was under way
};

}  // namespace

bool TailCount::add(const std::string& peer) {
  const std::lock_guard lock(mutex_);
  std::size_t& of_peer = of_peer_[peer];
  if (count_ >= kMaxTails || of_peer >= kMaxTailsOfAPeer) {
    if (of_peer == 0) of_peer_.erase(peer);
    return false;
  }
  ++count_;
  ++of_peer;
  return true;
}

void TailCount::remove(const std::string& peer) {
  const std::lock_guard lock(mutex_);
  --count_;
  if (--of_peer_[peer] == 0) of_peer_.erase(peer);
}

void TailHandler::handle(HttpRequest& request, HttpResponder respond) {
  Parameters parameters(request.query);
  std::string last(request.header("Last-Event-ID"));
  if (const auto* after = parameters.text("after"); after != nullptr && last.empty()) last = *after;
  towl::Query query;
  read_filters(parameters, limits_, query);
  if (!query.pipes.empty()) parameters.complain("query: a tail has no pipes (|)");
  if (const auto made = towl::EntryTest::create(query.expression); !made) {
    parameters.complain("query: " + made.error().message);
  }
  if (const auto wrong = parameters.finish()) return respond(http_error(400, *wrong));
  if (request.method == HttpMethod::head) return respond({.content_type = "text/event-stream"});
  if (!count_->add(request.peer)) return respond(http_busy("too many tails at once; end another", 429));
  // To find the place may read the disk.
  boost::asio::post(pool_, [catalog = catalog_of_(request), query = std::move(query), last = std::move(last),
                            gone = request.gone, peer = request.peer, count = count_, respond = std::move(respond),
                            &pool = pool_, &state = state_]() mutable {
    auto place =
        last.empty() ? towl::Result<StoreTail::Place>(StoreTail::Place{}) : StoreTail::place_after(catalog, last);
    if (place && last.empty()) {
      const auto end = StoreTail::end_of(catalog);
      if (end) place->cursor = *end;
      if (!end) place = towl::fail(end.error());
    }
    if (!place) {
      count->remove(peer);
      return respond(to_response(place.error()));
    }
    const auto session =
        std::make_shared<TailSession>(StoreTail(std::move(catalog), std::move(query.expression), place->cursor),
                                      std::move(respond), std::move(gone), pool, std::move(count), std::move(peer));
    state.add(session);
    session->begin(place->is_gone);
  });
}

}  // namespace towld
