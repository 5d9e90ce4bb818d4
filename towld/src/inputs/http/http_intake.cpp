#include "inputs/http/http_intake.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <future>
#include <utility>

#include "parse/gunzip.hpp"
#include "towl/record/members.hpp"

namespace towld {
namespace {

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

/// The body as it was before it was packed. An answer if that cannot be done.
std::optional<HttpResponse> unpack(HttpRequest& request, std::size_t limit) {
  const std::string encoding = media_type(request.header("Content-Encoding"));
  if (encoding.empty() || encoding == "identity") return std::nullopt;
  if (encoding == "snappy") return std::nullopt;  // Which of its forms is the protocol's to know.
  if (encoding != "gzip" && encoding != "x-gzip") return http_error(415, "the Content-Encoding must be gzip, or none");
  auto text = gunzip(request.body, limit);
  if (!text) return unreadable(text.error());
  request.body = std::move(*text);
  return std::nullopt;
}

}  // namespace

HttpIntake::HttpIntake(InputContext context, std::unique_ptr<HttpProtocol> protocol, std::shared_ptr<HttpLoop> loop,
                       const HttpLimits& limits, std::shared_ptr<LimitCounts> reached, boost::asio::thread_pool& reader)
    : ingest_(*context.ingest),
      counters_(context.counters),
      protocol_(std::move(protocol)),
      loop_(std::move(loop)),
      log_(context.log),
      limits_(limits),
      reached_(std::move(reached)),
      reader_(reader),
      singles_(context),
      many_{Gatherer(context), protocol_},
      large_{Gatherer(std::move(context)), protocol_->another()} {}

std::size_t HttpIntake::part_bytes(const HttpRequest& request) {
  const bool is_plain = request.header("Content-Encoding").empty();
  const bool is_taken =
      request.method == HttpMethod::post && protocol_->takes(media_type(request.header("Content-Type")));
  if (!is_plain || !is_taken || !protocol_->whole_bytes({})) return 0;
  // A part is a body that is not too large, with room for an entry that is not whole.
  return std::min<std::size_t>(kHttpPartBytes, limits_.body_bytes / 2);
}

void HttpIntake::take_part(HttpRequest& request) {
  if (!request.parts) request.parts = std::make_shared<Parts>();
  Parts& parts = *std::static_pointer_cast<Parts>(request.parts);
  if (parts.error || stopped_) return request.body.clear();
  const std::size_t whole = protocol_->whole_bytes(request.body).value_or(0);
  if (whole == 0) return;
  std::string rest = request.body.substr(whole);
  request.body.resize(whole);
  counters_->bytes.fetch_add(whole, std::memory_order_relaxed);
  HttpEntries entries(many_.gatherer, request, towl::now(), limits_);
  if (const auto done = many_.protocol->read(request, entries); done) {
    Batch batch = many_.gatherer.finish();
    batch.stream = parts.stream;
    submit(std::move(batch), std::make_shared<std::vector<Waiting>>());
  } else {
    many_.gatherer.discard();
    count_too_much(entries, done.error());
    reject(std::max<std::uint64_t>(entries.refused(), 1), request.peer, done.error());
    keep_rejected(request, done.error().message);
    parts.error = done.error();
  }
  request.body = std::move(rest);
  ask_room();
}

void HttpIntake::handle(HttpRequest& request, HttpResponder respond) {
  if (auto answer = protocol_->answer(request)) return respond(std::move(*answer));
  if (stopped_) return respond(not_stored({.code = towl::ErrorCode::closed, .message = {}}));
  if (!protocol_->takes(media_type(request.header("Content-Type")))) {
    return respond(http_error(415, "the Content-Type must be " + std::string(protocol_->taken_types())));
  }
  counters_->bytes.fetch_add(request.body.size(), std::memory_order_relaxed);
  if (is_large(request)) return take_large(request, std::move(respond));
  if (!unpack_body(request, respond)) return;
  if (!take_one(request, respond)) take_many(many_, request, respond);
  ask_room();
}

// On the reader's thread, which has nothing else to do.
bool HttpIntake::wait_for_room(std::chrono::steady_clock::time_point until) {
  for (;;) {
    const auto room = std::make_shared<std::promise<void>>();
    auto there = room->get_future();
    if (ingest_.has_room_or([room] { room->set_value(); })) return true;
    while (there.wait_for(kReaderLook) == std::future_status::timeout) {
      if (stopped_ || std::chrono::steady_clock::now() >= until) return false;
    }
  }
}

bool HttpIntake::is_large(const HttpRequest& request) const {
  if (request.parts) return false;
  const bool is_packed = !request.header("Content-Encoding").empty();
  return request.body.size() > (is_packed ? kParsePackedOnLoopBytes : kParseOnLoopBytes);
}

// False if it was answered.
bool HttpIntake::unpack_body(HttpRequest& request, HttpResponder& respond) {
  if (auto refusal = unpack(request, limits_.decompressed_bytes)) {
    if (refusal->status == 413) reached_->add(Limit::unpacked_bytes);
    keep_rejected(request, refusal->body);
    respond(std::move(*refusal));
    return false;
  }
  // The JSON library reads past the end.
  request.body.reserve(request.body.size() + towl::JsonReader::kPaddingBytes);
  return true;
}

// The request's other parts stay with the session, which needs them for the answer and the next request.
void HttpIntake::take_large(HttpRequest& request, HttpResponder respond) {
  std::string body = std::move(request.body);
  auto own = std::make_shared<HttpRequest>(request);
  own->body = std::move(body);
  const auto until = std::chrono::steady_clock::now() + limits_.room_time;
  boost::asio::post(reader_,
                    [self = shared_from_this(), own = std::move(own), respond = std::move(respond), until]() mutable {
                      if (!self->wait_for_room(until)) return respond(http_busy("the queue is full; send again"));
                      if (!self->unpack_body(*own, respond)) return;
                      self->take_many(self->large_, *own, respond);
                      own.reset();
                      auto& loop = *self->loop_;
                      loop.post([held = std::move(self)] { held->ask_room(); });
                    });
}

// False if it is not one entry that can be read: nothing was taken then.
bool HttpIntake::take_one(HttpRequest& request, HttpResponder& respond) {
  HttpEntries entries(singles_, request, towl::now(), limits_);
  if (!protocol_->read_one(request, entries.draft())) return false;
  Waiting waiting{std::move(respond), {}};
  waiting.counts.add(singles_.take());
  if (waiting.counts.accepted == 0) {
    waiting.respond(protocol_->stored(waiting.counts));
  } else {
    waiting_.push_back(std::move(waiting));
  }
  if (singles_.bytes() >= kBatchBytes) {
    flush();
  } else if (!flush_posted_) {
    // After the requests that are readable now.
    flush_posted_ = true;
    loop_->post([self = weak_from_this()] {
      if (const auto held = self.lock()) held->flush();
    });
  }
  return true;
}

void HttpIntake::take_many(Reading& reading, HttpRequest& request, HttpResponder& respond) {
  const auto parts = std::static_pointer_cast<Parts>(request.parts);
  if (parts && parts->error) return respond(unreadable(*parts->error));
  HttpEntries entries(reading.gatherer, request, towl::now(), limits_);
  if (const auto done = reading.protocol->read(request, entries); !done) {
    reading.gatherer.discard();
    count_too_much(entries, done.error());
    if (entries.refused() > 0) reject(entries.refused(), request.peer, done.error());
    keep_rejected(request, done.error().message);
    return respond(unreadable(done.error()));
  }
  if (entries.counts().marked > 0 && log_) {
    log_->warn("{} of {} entries from {} could not be read, and are stored as they came: {}", entries.counts().marked,
               entries.read(), request.peer, entries.first_mark()->message);
  }
  if (entries.counts().refused > 0) {
    reject(entries.counts().refused, request.peer,
           {.code = towl::ErrorCode::invalid_argument, .message = entries.counts().refusal});
  }
  Batch batch = reading.gatherer.finish();
  if (parts) batch.stream = parts->stream;
  submit(std::move(batch), std::make_shared<std::vector<Waiting>>(1, Waiting{std::move(respond), entries.counts()}));
}

void HttpIntake::count_too_much(const HttpEntries& entries, const towl::Error& error) {
  if (entries.is_over_limit()) {
    reached_->add(Limit::http_entries);
  } else if (error.code == towl::ErrorCode::entry_too_large) {
    reached_->add(Limit::unpacked_bytes);
  }
}

void HttpIntake::keep_rejected(const HttpRequest& request, const std::string& reason) {
  if (request.body.empty()) return;
  ingest_.reject(
      {reason, singles_.context().name, request.peer, request.body.substr(0, kRejectedBytes), request.body.size()});
}

// A request of so many entries is refused for one of them: none is stored, so all are counted. Or these alone.
void HttpIntake::reject(std::uint64_t entries, std::string_view peer, const towl::Error& error) {
  counters_->received += entries;
  counters_->rejected += entries;
  ingest_.count_unstored(entries, 0);
  if (!log_) return;
  log_->warn("{} entries from {} were refused: {}", entries, peer, error.message);
}

// Submits what was taken of requests with one entry.
void HttpIntake::flush() {
  flush_posted_ = false;
  auto waiting = std::make_shared<std::vector<Waiting>>(std::move(waiting_));
  waiting_.clear();
  submit(singles_.finish(), std::move(waiting));
  ask_room();
}

void HttpIntake::stop() {
  stopped_ = true;
  flush();
}

// On either thread.
void HttpIntake::submit(Batch batch, AllWaiting waiting) {
  // If there were parts, it still is to be known what became of them.
  if (batch.entries.empty() && !batch.stream) {
    for (const Waiting& request : *waiting) request.respond(protocol_->stored(request.counts));
    return;
  }
  batch.done = [loop = loop_, protocol = protocol_,
                waiting = std::move(waiting)](const towl::Result<Acknowledgement>& result) mutable {
    std::optional<towl::Error> error;
    if (!result) error = result.error();
    loop->post([protocol, waiting = std::move(waiting), error = std::move(error)] {
      for (const Waiting& request : *waiting) {
        request.respond(error ? not_stored(*error) : protocol->stored(request.counts));
      }
    });
  };
  ingest_.submit(std::move(batch));
}

void HttpIntake::ask_room() {
  if (!room_) return;
  room_ = ingest_.has_room_or([loop = loop_, self = weak_from_this()] {
    loop->post([self] {
      if (const auto held = self.lock()) held->room_again();
    });
  });
}

void HttpIntake::room_again() {
  room_ = true;
  if (room_listener_) room_listener_();
}

}  // namespace towld
