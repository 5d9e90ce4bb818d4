// GET /query: searches the store's durable entries, oldest first.
//
//     level=err           entries of this level or more severe ones (those without a level are not)
//     sender=NAME         exactly
//     q=TEXT, regex=RE2   in the text as it is stored; of both, both must match
//     start=, end=        start <= time < end: the event time
//     limit=100           up to 10,000
//     cursor=             where the answer before this one ended
//     format=json         {"entries":[…],"cursor":"…","errors":[…]}; ndjson: one a line; text: "TIME SENDER TEXT" lines
//
// An answer that is not all there is, for the limit, its size or the time it took, has a cursor: in `cursor`, and in
// the header Towl-Cursor. What could not be read is named in `errors`, and in the header Towl-Errors counted. It reads
// the disk for up to `max_time`: to be called on a pool. Any thread.
#pragma once

#include <chrono>
#include <cstddef>

#include "http/http_message.hpp"
#include "towl/mirror/catalog.hpp"

namespace towld {

struct QueryLimits {
  std::uint64_t default_entries = 100;
  std::uint64_t entries = 10'000;
  /// Of an answer: one entry more may be on top.
  std::size_t bytes = std::size_t{4} << 20;
  std::chrono::milliseconds time{10'000};
  std::size_t pattern_bytes = 4096;
};

HttpResponse query_entries(const towl::Catalog& catalog, const HttpRequest& request, const QueryLimits& limits = {});

}  // namespace towld
