// The page that a browser gets at `/`: one document with its script and style, compressed in the program.
//
// Made of:  towld/page; dist/ holds what was built from it, and scripts/build-page builds it again.
// Policy:   its own script and style, known by their hashes, may run.
//           It may ask this collector, and nobody else.
//           No other page may frame it.
// Caching:  browsers ask each time whether they have the present one: ETag, 304.
// Threads:  any. What it answers is in memory; for clients that take no gzip it is unpacked first (about half a
//           millisecond).
#pragma once

#include "http/http_message.hpp"

namespace towld {

/// The answer to GET and HEAD of `/`.
HttpResponse page(const HttpRequest& request);

}  // namespace towld
