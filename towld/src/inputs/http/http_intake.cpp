#include "inputs/http/http_intake.hpp"

#include <algorithm>
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

/// The body as it was before it was packed. An answer where that cannot be done.
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
                       const HttpLimits& limits)
    : ingest_(*context.ingest),
      counters_(context.counters),
      protocol_(*protocol),
      loop_(std::move(loop)),
      log_(context.log),
      limits_(limits),
      singles_(context),
      many_(std::move(context)) {
  answers_ = std::move(protocol);
}

std::size_t HttpIntake::part_bytes(const HttpRequest& request) {
  const bool is_plain = request.header("Content-Encoding").empty();
  const bool is_taken =
      request.method == HttpMethod::post && protocol_.takes(media_type(request.header("Content-Type")));
  return is_plain && is_taken && protocol_.whole_bytes({}) ? kHttpPartBytes : 0;
}

void HttpIntake::take_part(HttpRequest& request) {
  if (!request.parts) request.parts = std::make_shared<Parts>();
  Parts& parts = *std::static_pointer_cast<Parts>(request.parts);
  if (parts.error || stopped_) return request.body.clear();
  const std::size_t whole = protocol_.whole_bytes(request.body).value_or(0);
  if (whole == 0) return;
  std::string rest = request.body.substr(whole);
  request.body.resize(whole);
  counters_->bytes.fetch_add(whole, std::memory_order_relaxed);
  HttpEntries entries(many_, request, towl::now());
  if (const auto done = protocol_.read(request, entries); done) {
    Batch batch = many_.finish();
    batch.stream = parts.stream;
    submit(std::move(batch), std::make_shared<std::vector<Waiting>>());
  } else {
    many_.discard();
    reject(std::max<std::uint64_t>(entries.refused(), 1), request.peer, done.error());
    keep_rejected(request, done.error().message);
    parts.error = done.error();
  }
  request.body = std::move(rest);
}

void HttpIntake::handle(HttpRequest& request, HttpResponder respond) {
  if (auto answer = protocol_.answer(request)) return respond(std::move(*answer));
  if (stopped_) return respond(not_stored({.code = towl::ErrorCode::closed, .message = {}}));
  if (!protocol_.takes(media_type(request.header("Content-Type")))) {
    return respond(http_error(415, "the Content-Type must be " + std::string(protocol_.taken_types())));
  }
  counters_->bytes.fetch_add(request.body.size(), std::memory_order_relaxed);
  if (auto refusal = unpack(request, limits_.decompressed_bytes)) {
    keep_rejected(request, refusal->body);
    return respond(std::move(*refusal));
  }
  // The JSON library reads past the end.
  request.body.reserve(request.body.size() + towl::JsonReader::kPaddingBytes);
  if (!take_one(request, respond)) take_many(request, respond);
}

// False where it is not one entry that can be read: nothing was taken then.
bool HttpIntake::take_one(HttpRequest& request, HttpResponder& respond) {
  HttpEntries entries(singles_, request, towl::now());
  if (!protocol_.read_one(request, entries.draft())) return false;
  Waiting waiting{std::move(respond), {}};
  waiting.counts.add(singles_.take());
  if (waiting.counts.accepted == 0) {
    waiting.respond(protocol_.stored(waiting.counts));
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

void HttpIntake::take_many(HttpRequest& request, HttpResponder& respond) {
  const auto parts = std::static_pointer_cast<Parts>(request.parts);
  if (parts && parts->error) return respond(unreadable(*parts->error));
  HttpEntries entries(many_, request, towl::now());
  if (const auto done = protocol_.read(request, entries); !done) {
    many_.discard();
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
  Batch batch = many_.finish();
  if (parts) batch.stream = parts->stream;
  submit(std::move(batch), std::make_shared<std::vector<Waiting>>(1, Waiting{std::move(respond), entries.counts()}));
}

void HttpIntake::keep_rejected(const HttpRequest& request, const std::string& reason) {
  if (request.body.empty()) return;
  ingest_.reject(
      {reason, many_.context().name, request.peer, request.body.substr(0, kRejectedBytes), request.body.size()});
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
}

void HttpIntake::stop() {
  stopped_ = true;
  flush();
}

void HttpIntake::submit(Batch batch, AllWaiting waiting) {
  // Where there were parts, it still is to be known what became of them.
  if (batch.entries.empty() && !batch.stream) {
    for (const Waiting& request : *waiting) request.respond(protocol_.stored(request.counts));
    return;
  }
  batch.done = [loop = loop_, protocol = answers_,
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
