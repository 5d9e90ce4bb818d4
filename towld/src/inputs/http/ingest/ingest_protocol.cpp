#include "inputs/http/ingest/ingest_protocol.hpp"

#include <algorithm>
#include <array>

#include "parse/json_split.hpp"

namespace towld {

// JSON by any of its names, and what clients send that were not told the type (curl -d, say). What the body is, is seen
// by looking.
bool IngestProtocol::takes(std::string_view media_type) const {
  constexpr std::array<std::string_view, 9> kTypes = {"application/json",
                                                      "",
                                                      "application/x-ndjson",
                                                      "application/ndjson",
                                                      "application/jsonl",
                                                      "application/x-www-form-urlencoded",
                                                      "application/octet-stream",
                                                      "text/json",
                                                      "text/plain"};
  return std::find(kTypes.begin(), kTypes.end(), media_type) != kTypes.end() || media_type.ends_with("+json");
}

bool IngestProtocol::read_one(HttpRequest& request, Draft& draft) {
  JsonSplitter splitter(request.body);
  const auto object = splitter.next();
  if (!object || !*object || !splitter.at_end()) return false;
  return reader_.read_padded(**object, draft).has_value();
}

towl::Result<void> IngestProtocol::read(HttpRequest& request, HttpEntries& entries) {
  JsonSplitter splitter(request.body);
  std::uint64_t good = 0;
  for (;;) {
    const auto object = splitter.next();
    if (object && !*object) break;
    towl::Result<void> done = object ? reader_.read_padded(**object, entries.draft()) : towl::fail(object.error());
    std::string_view raw = object ? **object : std::string_view();
    if (object && !done) {
      if (const auto exact = splitter.exact()) {
        done = reader_.read_padded(*exact, entries.draft());
        raw = *exact;
      }
    }
    if (done) {
      if (const auto taken = entries.take(); !taken) return entries.refuse(taken.error(), 1 + splitter.skip_rest());
      ++good;
      continue;
    }
    if (!object) raw = splitter.skip_bad();
    if (raw.empty() && !entries.is_strict()) continue;  // What is wrong is where the array ends.
    if (const auto marked = entries.mark(raw, done.error()); !marked) {
      return entries.refuse(marked.error(), 1 + splitter.skip_rest());
    }
  }
  // Somebody who posts something else altogether is to hear of it.
  if (good == 0 && entries.first_mark()) return entries.refuse_all(*entries.first_mark());
  if (entries.read() == 0 && !splitter.is_array()) {
    return towl::fail(towl::ErrorCode::invalid_argument, "the body has no entries");
  }
  return {};
}

}  // namespace towld
