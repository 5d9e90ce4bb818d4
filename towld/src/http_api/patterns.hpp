// GET /query/patterns: what kinds of entries there are, how many of each, and an example: spec/query.md, "Patterns".
//
//     query=, level=, sender=, q=, regex=, start=, end=     which entries, as of /query; without pipes
//     new-since=TIME      only patterns that did not come before, among these entries
//     limit=100           the most frequent; up to query.max_rows
//
//     {"rows":[{"count":N,"example":"towl://UUID/ORDINAL","pattern":"…<*>…"},…]}
//
// An answer says what it leaves out: "more": so many patterns are not given, because of the limit or the answer's size;
// "others": entries whose patterns are more than query.max_memory holds; "not_looked_at": entries that were not looked
// at, as query.max_time was over; "errors": what could not be read. With new-since, running out of time is 413
// resource_exhausted: among only a part of the entries, an old pattern may look new.
// It reads the disk: to be called on a pool; it ends once HttpRequest::gone is stopped. Any thread.
#pragma once

#include "http/http_message.hpp"
#include "queries/query_limits.hpp"
#include "towl/mirror/catalog.hpp"

namespace towld {

HttpResponse query_patterns(const towl::Catalog& catalog, const HttpRequest& request, const QueryLimits& limits = {});

}  // namespace towld
