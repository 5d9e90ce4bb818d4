// GET /files and /files/{id}: the store's files as JSON, as far as they are durable.
//
// They read the disk if a file is new: to be called on a pool. Any thread.
#pragma once

#include "http/http_message.hpp"
#include "towl/mirror/catalog.hpp"

namespace towld {

/// {"files":[…],"next_after":ID}: at most `limit` (1,000, up to 10,000) files with an ID above `after` (0); next_after
/// is there if more follow.
HttpResponse list_files(const towl::Catalog& catalog, const HttpRequest& request);

/// One file; 404 if it is not there.
HttpResponse describe_file(const towl::Catalog& catalog, const HttpRequest& request);

/// 503, 404, 400 …: what `error` is in HTTP.
HttpResponse to_response(const towl::Error& error);

}  // namespace towld
