#include "towl/web/url.hpp"

namespace towl::web {
namespace {

/// What is between :// and the next slash.
std::string_view authority_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

}  // namespace

std::string wrong_with_url(std::string_view url) {
  if (!url.starts_with("http://") && !url.starts_with("https://")) return "must begin with http:// or https://";
  const std::string_view authority = authority_of(url);
  if (authority.empty() || authority.starts_with(':')) return "has no host";
  if (authority.find('@') != std::string_view::npos) return "must not have a user: set user and password_file";
  if (url.find_first_of("?# ") != std::string_view::npos) return "must be without a query, a fragment and blanks";
  return {};
}

bool is_this_host(std::string_view url) {
  std::string_view host = authority_of(url);
  if (host.starts_with("[::1]")) return true;
  host = host.substr(0, host.rfind(':'));
  if (host == "localhost") return true;
  // A name like 127.0.0.1.example.org is not this host's.
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace towl::web
