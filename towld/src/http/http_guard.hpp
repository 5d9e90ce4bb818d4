// HttpGuard decides, once a request's header is there, whether it is handled at all: by the name that it uses for this
// host, the site it comes from, and its token.
//
// Threads: the loop's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/access.hpp"
#include "http/http_message.hpp"

namespace towld {

struct HttpGuard {
  /// Empty: everything may be done by everyone.
  std::shared_ptr<Access> access = {};

  /// What the Host header may say, without the port, other than addresses. A page from elsewhere whose name was made to
  /// lead here (DNS rebinding) says its own name. Empty: anything.
  std::vector<std::string> host_names = {};

  /// An answer if the request is to go no further; else the request has its grant.
  std::optional<HttpResponse> admit(HttpRequest& request, std::optional<Need> need) const;

  bool knows_host(const HttpRequest& request) const;
};

/// A browser names the site whose script makes it post: no other site may write into the log.
bool is_from_other_site(const HttpRequest& request);

/// The token of a request: `Authorization: Bearer T`, or `X-API-Key: T`; as clients of other systems send theirs, the
/// password of `Basic`, and `ApiKey T`, T also as Elasticsearch has it, base64 of "ID:T". "" if there is none.
std::string token_of(const HttpRequest& request);

}  // namespace towld
