#include "http/http_guard.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace towld {
namespace {

/// "host" of "host:port" and "[host]:port".
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    return end == std::string_view::npos ? std::string_view() : host.substr(1, end - 1);
  }
  return host.substr(0, host.find(':'));
}

bool is_address(std::string_view host) {
  boost::system::error_code error;
  boost::asio::ip::make_address(std::string(host), error);
  return !error;
}

/// "" for what is no base64.
std::string from_base64(std::string_view text) {
  if (text.size() % 4 != 0 || text.empty()) return {};
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return {};
  bytes.resize(static_cast<std::size_t>(size) - (text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0));
  return bytes;
}

/// T of base64 of "NAME:T"; nullopt for anything else.
std::optional<std::string> after_name(std::string_view text) {
  std::string pair = from_base64(text);
  const auto colon = pair.find(':');
  if (colon == std::string::npos) return std::nullopt;
  return pair.substr(colon + 1);
}

HttpResponse needs_token() {
  HttpResponse response = http_error(401, "a good token is needed: Authorization: Bearer TOKEN");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace

bool is_from_other_site(const HttpRequest& request) {
  const std::string_view origin = request.header("Origin");
  if (origin.empty()) return false;
  const auto scheme = origin.find("://");
  return scheme == std::string_view::npos || origin.substr(scheme + 3) != request.header("Host");
}

std::string token_of(const HttpRequest& request) {
  const std::string_view authorization = request.header("Authorization");
  if (authorization.empty()) return std::string(request.header("X-API-Key"));
  const auto blank = authorization.find(' ');
  const std::string_view scheme = authorization.substr(0, blank);
  const std::string_view shown = blank == std::string_view::npos ? std::string_view() : authorization.substr(blank + 1);
  if (shown.empty()) return std::string(authorization);  // A bad token, not a missing one.
  if (same_name(scheme, "Bearer")) return std::string(shown);
  if (same_name(scheme, "Basic")) return after_name(shown).value_or(std::string(authorization));
  if (same_name(scheme, "ApiKey")) return after_name(shown).value_or(std::string(shown));
  return std::string(authorization);
}

bool HttpGuard::knows_host(const HttpRequest& request) const {
  if (host_names.empty()) return true;
  const std::string_view header = request.header("Host");
  if (header.empty()) return true;  // HTTP/1.0; a browser always says it.
  const std::string_view host = without_port(header);
  return is_address(host) || std::any_of(host_names.begin(), host_names.end(),
                                         [&](const std::string& name) { return same_name(name, host); });
}

std::optional<HttpResponse> HttpGuard::admit(HttpRequest& request, std::optional<Need> need) const {
  if (!access || !need) return std::nullopt;
  Admission admission = access->check(token_of(request), *need, request.peer);
  switch (admission.decision) {
    case Decision::granted:
      request.grant = std::move(admission.grant);
      return std::nullopt;
    case Decision::unknown:
      return needs_token();
    case Decision::forbidden:
      return http_error(
          403, "the token does not allow this: it needs the scope " + std::string(name_of(kScopes, scope_of(*need))));
    case Decision::too_many: {
      HttpResponse response = http_busy("too many bad tokens from there", 429);
      response.close = true;
      return response;
    }
  }
  return needs_token();
}

}  // namespace towld
