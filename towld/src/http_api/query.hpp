// GET /query: searches what the store's durable entries say, as with grep, in the order of their arrival.
//
//     query=EXPR          the query language: spec/query.md; with pipes the answer is {"rows":[…]}
//     level=err           entries of this level or more severe ones (those without a level are not)
//     sender=NAME         exactly
//     q=TEXT, regex=RE2   in the message; of several parameters, all must match
//     start=, end=        start <= time < end: the event time
//     limit=100           up to query.max_rows
//     order=forwards      or backwards: the newest first
//     cursor=             where the answer before this one ended
//     format=json         {"entries":[…],"cursor":"…","errors":[…]}; ndjson: one a line; text: "TIME SENDER TEXT" lines
//
// GET /query/histogram: the same parameters, and step=1m: {"rows":[{"_time":"…","hits":N},…]}.
// GET /entry/UUID/ORDINAL, /entry/FILE:ORDINAL: one entry by its address.
//
// An answer that is not complete, because of the limit, its size or the time it took, has a cursor: in `cursor`, and in
// the header Towl-Cursor. A table is whole, or 413 resource_exhausted. What could not be read is named in `errors`, and in
// the header Towl-Errors counted. It reads the disk for up to `time`: to be called on a pool; it ends once HttpRequest::gone is stopped. Any thread.
#pragma once

#include "http/http_message.hpp"
#include "queries/query_limits.hpp"
#include "towl/mirror/catalog.hpp"

namespace towld {

HttpResponse query_entries(const towl::Catalog& catalog, const HttpRequest& request, const QueryLimits& limits = {});

HttpResponse query_histogram(const towl::Catalog& catalog, const HttpRequest& request, const QueryLimits& limits = {});

HttpResponse describe_entry(const towl::Catalog& catalog, const HttpRequest& request);

}  // namespace towld
