#include "inputs/http/http_protocol.hpp"

#include <algorithm>
#include <string>

namespace towld {

Draft& HttpEntries::draft() {
  Draft& draft = gatherer_.draft();
  draft.sender = peer_;
  draft.received = now_;
  return draft;
}

towl::Result<void> HttpEntries::take() {
  if (read_ == kMaxEntriesARequest) {
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

bool HttpProtocol::read_one(HttpRequest&, Draft&) { return false; }

HttpResponse HttpProtocol::stored(const HttpCounts& counts) const {
  HttpResponse response{.status = 202, .body = R"({"accepted":)" + std::to_string(counts.accepted)};
  if (counts.rejected > 0) response.body += R"(,"rejected":)" + std::to_string(counts.rejected);
  if (counts.dropped > 0) response.body += R"(,"dropped":)" + std::to_string(counts.dropped);
  response.body += '}';
  return response;
}

}  // namespace towld
