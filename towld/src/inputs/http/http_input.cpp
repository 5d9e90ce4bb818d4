#include "inputs/http/http_input.hpp"

#include <algorithm>
#include <array>
#include <future>
#include <utility>
#include <vector>

#include "http/gunzip.hpp"
#include "parse/json_split.hpp"
#include "towl/record/members.hpp"

namespace towld {
namespace {

/// What became of a request's entries.
struct Counts {
  std::uint64_t accepted = 0;
  std::uint64_t rejected = 0;  ///< Below min_level.
  std::uint64_t dropped = 0;   ///< A parser was told to.

  void add(Gatherer::Taken taken) {
    accepted += taken == Gatherer::Taken::taken ? 1 : 0;
    rejected += taken == Gatherer::Taken::below_level ? 1 : 0;
    dropped += taken == Gatherer::Taken::filtered ? 1 : 0;
  }
};

/// A request whose entries wait to be stored.
struct Waiting {
  HttpResponder respond;
  Counts counts;
};

HttpResponse accepted(const Counts& counts) {
  HttpResponse response{.status = 202, .body = R"({"accepted":)" + std::to_string(counts.accepted)};
  if (counts.rejected > 0) response.body += R"(,"rejected":)" + std::to_string(counts.rejected);
  if (counts.dropped > 0) response.body += R"(,"dropped":)" + std::to_string(counts.dropped);
  response.body += '}';
  return response;
}

HttpResponse not_stored(const towl::Error& error) {
  if (error.code == towl::ErrorCode::entry_too_large) return http_error(413, error.message);
  if (error.code == towl::ErrorCode::closed) return http_busy("the collector is stopping; send again");
  return http_busy("the entries could not be stored; send again: " + error.message);
}

HttpResponse unreadable(const towl::Error& error) {
  return http_error(error.code == towl::ErrorCode::entry_too_large ? 413 : 400, error.message);
}

/// "application/json; charset=utf-8" without what follows the type, in lower case.
std::string media_type(std::string_view header) {
  std::string type(header.substr(0, header.find(';')));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  std::transform(type.begin(), type.end(), type.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return type;
}

/// JSON by any of its names, and what clients send that were not told the type (curl -d, say). What the body is, is
/// seen by looking.
bool is_taken(std::string_view content_type) {
  constexpr std::array<std::string_view, 9> kTypes = {"",
                                                      "application/json",
                                                      "application/x-ndjson",
                                                      "application/ndjson",
                                                      "application/jsonl",
                                                      "application/x-www-form-urlencoded",
                                                      "application/octet-stream",
                                                      "text/json",
                                                      "text/plain"};
  if (content_type == kTypes[1]) return true;
  const std::string type = media_type(content_type);
  return type.ends_with("+json") || std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

}  // namespace

class HttpInput::Handler final : public HttpHandler, public std::enable_shared_from_this<Handler> {
 public:
  Handler(InputContext context, std::shared_ptr<HttpLoop> loop, const HttpLimits& limits)
      : ingest_(*context.ingest),
        counters_(context.counters),
        loop_(std::move(loop)),
        log_(context.log),
        limits_(limits),
        singles_(context),
        many_(std::move(context)) {}

  bool has_room() override { return room_; }
  void on_room(std::function<void()> listener) override { room_listener_ = std::move(listener); }

  void handle(HttpRequest& request, HttpResponder respond) override {
    if (stopped_) return respond(not_stored({.code = towl::ErrorCode::closed, .message = {}}));
    if (!is_taken(request.header("Content-Type"))) {
      return respond(http_error(415, "the Content-Type must be application/json or application/x-ndjson"));
    }
    counters_->bytes.fetch_add(request.body.size(), std::memory_order_relaxed);
    const std::string encoding = media_type(request.header("Content-Encoding"));
    if (encoding == "gzip" || encoding == "x-gzip") {
      auto text = gunzip(request.body, limits_.decompressed_bytes);
      if (!text) return respond(unreadable(text.error()));
      request.body = std::move(*text);
    } else if (!encoding.empty() && encoding != "identity") {
      return respond(http_error(415, "the Content-Encoding must be gzip, or none"));
    }
    // The JSON library reads behind the end.
    request.body.reserve(request.body.size() + towl::JsonReader::kPaddingBytes);
    if (!take_single(request, respond)) take_many(request, respond);
  }

  /// Submits what was taken. On the loop's thread.
  void flush() {
    flush_posted_ = false;
    auto waiting = std::make_shared<std::vector<Waiting>>(std::move(waiting_));
    waiting_.clear();
    submit(singles_.finish(), std::move(waiting));
  }

  void stop() {
    stopped_ = true;
    flush();
  }

 private:
  /// False where it is not one entry that can be read: nothing was taken then.
  bool take_single(HttpRequest& request, HttpResponder& respond) {
    JsonSplitter splitter(request.body);
    const auto object = splitter.next();
    if (!object || !*object || !splitter.at_end()) return false;
    if (!reader_.read_padded(**object, draft_of(singles_, request, towl::now()))) return false;
    Waiting waiting{std::move(respond), {}};
    waiting.counts.add(singles_.take());
    if (waiting.counts.accepted == 0) {
      waiting.respond(accepted(waiting.counts));
    } else {
      waiting_.push_back(std::move(waiting));
    }
    if (singles_.bytes() >= kBatchBytes) {
      flush();
    } else if (!flush_posted_) {
      // Behind the requests that are readable now.
      flush_posted_ = true;
      loop_->post([self = weak_from_this()] {
        if (const auto held = self.lock()) held->flush();
      });
    }
    return true;
  }

  void take_many(HttpRequest& request, HttpResponder& respond) {
    JsonSplitter splitter(request.body);
    const towl::Timestamp now = towl::now();
    Counts counts;
    std::uint64_t read = 0;
    const auto refuse = [&](const towl::Error& error, std::uint64_t taken) {
      many_.discard();
      reject(std::max<std::uint64_t>(taken + splitter.skip_rest(), 1), request.peer, error);
      respond(unreadable({error.code, "entry " + std::to_string(read + 1) + ": " + error.message}));
    };
    for (;; ++read) {
      const auto object = splitter.next();
      if (!object) return refuse(object.error(), read);
      if (!*object) break;
      if (read == kMaxEntriesARequest) {
        return refuse({towl::ErrorCode::entry_too_large, "one request may not have more"}, read + 1);
      }
      auto done = reader_.read_padded(**object, draft_of(many_, request, now));
      if (!done) {
        if (const auto exact = splitter.exact()) done = reader_.read_padded(*exact, draft_of(many_, request, now));
      }
      if (!done) return refuse(done.error(), read + 1);
      counts.add(many_.take());
    }
    if (read == 0 && !splitter.is_array()) return respond(http_error(400, "the body has no entries"));
    submit(many_.finish(), std::make_shared<std::vector<Waiting>>(1, Waiting{std::move(respond), counts}));
  }

  /// A request of so many entries is refused for one of them: none is stored, so all are counted.
  void reject(std::uint64_t entries, std::string_view peer, const towl::Error& error) {
    counters_->received += entries;
    counters_->rejected += entries;
    ingest_.count_unstored(entries, 0);
    if (!log_) return;
    log_->warn("a request of {} entries from {} was refused: {}", entries, peer, error.message);
  }

  Draft& draft_of(Gatherer& gatherer, const HttpRequest& request, towl::Timestamp now) {
    Draft& draft = gatherer.draft();
    draft.sender = request.peer;
    draft.received = now;
    return draft;
  }

  void submit(Batch batch, std::shared_ptr<std::vector<Waiting>> waiting) {
    if (batch.entries.empty()) {
      for (const Waiting& request : *waiting) request.respond(accepted(request.counts));
      return;
    }
    batch.done = [loop = loop_, waiting = std::move(waiting)](const towl::Result<Acknowledgement>& result) mutable {
      std::optional<towl::Error> error;
      if (!result) error = result.error();
      loop->post([waiting = std::move(waiting), error = std::move(error)] {
        for (const Waiting& request : *waiting) request.respond(error ? not_stored(*error) : accepted(request.counts));
      });
    };
    ingest_.submit(std::move(batch));
    if (!room_) return;
    room_ = ingest_.has_room_or([loop = loop_, self = weak_from_this()] {
      loop->post([self] {
        if (const auto held = self.lock()) held->room_again();
      });
    });
  }

  void room_again() {
    room_ = true;
    if (room_listener_) room_listener_();
  }

  Ingest& ingest_;
  std::shared_ptr<InputCounters> counters_;
  std::shared_ptr<HttpLoop> loop_;
  const std::shared_ptr<spdlog::logger> log_;
  const HttpLimits limits_;
  towl::JsonEntryReader reader_;
  Gatherer singles_;              // requests with one entry
  Gatherer many_;                 // one request's entries
  std::vector<Waiting> waiting_;  // for the entries in singles_
  bool flush_posted_ = false;
  bool room_ = true;
  bool stopped_ = false;
  std::function<void()> room_listener_;
};

HttpInput::HttpInput(std::shared_ptr<Handler> handler, std::shared_ptr<HttpSlot> slot)
    : handler_(std::move(handler)), slot_(std::move(slot)) {}

towl::Result<std::unique_ptr<HttpInput>> HttpInput::start(InputContext context, std::shared_ptr<HttpSlot> slot,
                                                          const HttpLimits& limits) {
  const std::string name = context.name;
  auto handler = std::make_shared<Handler>(std::move(context), slot->loop(), limits);
  if (!slot->take(handler)) {
    return towl::fail(towl::ErrorCode::already_exists,
                      "input \"" + name + "\": another input of type http takes what is posted to /ingest");
  }
  return std::make_unique<HttpInput>(std::move(handler), std::move(slot));
}

void HttpInput::stop() {
  slot_->leave();
  auto stopped = std::make_shared<std::promise<void>>();
  auto done = stopped->get_future();
  // Where the loop has ended this is dropped, and nothing more is taken either.
  slot_->loop()->post([handler = handler_, stopped = std::move(stopped)] {
    handler->stop();
    stopped->set_value();
  });
  done.wait();
}

}  // namespace towld
