#include "inputs/http/http_protocol.hpp"

#include <algorithm>
#include <string>

#include "http/url.hpp"

namespace towld {

HttpEntries::HttpEntries(Gatherer& gatherer, const HttpRequest& request, towl::Timestamp now, const HttpLimits& limits)
    : gatherer_(gatherer), peer_(request.peer), now_(now), limits_(limits) {
  if (request.query.empty()) return;
  const auto query = parse_query(request.query);
  const auto strict = query ? query->find("strict") : std::map<std::string, std::string>::const_iterator();
  is_strict_ = query && strict != query->end() && strict->second != "0" && strict->second != "false";
}

towl::Result<void> HttpEntries::mark(std::string_view raw, const towl::Error& error) {
  if (is_strict_) return towl::fail(error);
  if (!first_mark_) {
    first_mark_ = error;
    first_mark_->message = "entry " + std::to_string(read_ + 1) + ": " + error.message;
  }
  if (read_ == limits_.entries) return take();
  Draft& draft = this->draft();
  draft.text.assign(raw);
  draft.set(field::kUnparsed, "http");
  ++read_;
  gatherer_.context().counters->parse_failures.fetch_add(1, std::memory_order_relaxed);
  if (gatherer_.take_parsed(draft) == Gatherer::Taken::taken) ++counts_.marked;
  return {};
}

towl::Result<void> HttpEntries::refuse_one(std::string_view raw, const towl::Error& error) {
  if (is_strict_) return towl::fail(error);
  if (read_ == limits_.entries) return take();
  ++read_;
  if (counts_.refused++ == 0) counts_.refusal = "entry " + std::to_string(read_) + ": " + error.message;
  gatherer_.context().ingest->reject({.reason = error.message,
                                      .input = gatherer_.context().name,
                                      .source = std::string(peer_),
                                      .bytes = std::string(raw.substr(0, kRejectedBytes)),
                                      .original_bytes = raw.size()});
  return {};
}

Draft& HttpEntries::draft() {
  Draft& draft = gatherer_.draft();
  draft.sender = peer_;
  draft.received = now_;
  return draft;
}

towl::Result<void> HttpEntries::take() {
  if (read_ == limits_.entries) {
    is_over_limit_ = true;
    return towl::fail(towl::ErrorCode::entry_too_large, "one request may not have more");
  }
  ++read_;
  counts_.add(gatherer_.take());
  return {};
}

towl::Result<void> HttpEntries::refuse(const towl::Error& error, std::uint64_t left) {
  refused_ = std::max<std::uint64_t>(read_ + left, 1);
  return towl::fail(error.code, "entry " + std::to_string(read_ + 1) + ": " + error.message);
}

towl::Result<void> HttpEntries::refuse_all(const towl::Error& error) {
  refused_ = std::max<std::uint64_t>(read_, 1);
  return towl::fail(error);
}

std::optional<HttpResponse> HttpProtocol::answer(const HttpRequest&) { return std::nullopt; }

std::optional<std::size_t> HttpProtocol::whole_bytes(std::string_view) const { return std::nullopt; }

bool HttpProtocol::read_one(HttpRequest&, Draft&) { return false; }

HttpResponse HttpProtocol::stored(const HttpCounts& counts) const {
  HttpResponse response{.status = 202, .body = R"({"accepted":)" + std::to_string(counts.accepted)};
  if (counts.marked > 0) response.body += R"(,"marked":)" + std::to_string(counts.marked);
  if (counts.rejected > 0) response.body += R"(,"rejected":)" + std::to_string(counts.rejected);
  if (counts.dropped > 0) response.body += R"(,"dropped":)" + std::to_string(counts.dropped);
  response.body += '}';
  return response;
}

}  // namespace towld
