#include "page/page.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "page/page_bytes.hpp"
#include "parse/gunzip.hpp"

namespace towld {
namespace {

/// True if one of a header's comma-separated elements, its parameters left out, is `wanted` (RFC 9110, 5.6.1).
bool lists(std::string_view header, std::string_view wanted) {
  while (!header.empty()) {
    const auto comma = header.find(',');
    std::string_view element = header.substr(0, comma);
    header = comma == std::string_view::npos ? std::string_view() : header.substr(comma + 1);
    const auto parameters = element.find(';');
    // "gzip;q=0": it is not wanted.
    if (parameters != std::string_view::npos && element.find("q=0", parameters) != std::string_view::npos &&
        element.find_first_of("123456789", parameters) == std::string_view::npos) {
      continue;
    }
    element = element.substr(0, parameters);
    const auto begin = element.find_first_not_of(" \t");
    if (begin == std::string_view::npos) continue;
    element = element.substr(begin, element.find_last_not_of(" \t") - begin + 1);
    if (element.starts_with("W/")) element.remove_prefix(2);
    if (element == wanted || element == "*") return true;
  }
  return false;
}

/// What gzip says of itself at its end (RFC 1952, 2.3.1, ISIZE).
std::size_t unpacked_bytes(std::string_view compressed) {
  std::size_t size = 0;
  for (std::size_t i = 1; i <= 4; ++i) size = size << 8 | static_cast<unsigned char>(compressed[compressed.size() - i]);
  return size;
}

}  // namespace

HttpResponse page(const HttpRequest& request) {
  HttpResponse response{.content_type = "text/html; charset=utf-8"};
  response.headers = {{"ETag", std::string(page_tag())},
                      {"Cache-Control", "no-cache"},
                      {"Vary", "Accept-Encoding"},
                      {"Content-Security-Policy", std::string(page_policy())},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cross-Origin-Opener-Policy", "same-origin"},
                      {"Cross-Origin-Resource-Policy", "same-origin"}};
  if (lists(request.header("If-None-Match"), page_tag())) {
    response.status = 304;
    return response;
  }
  if (lists(request.header("Accept-Encoding"), "gzip")) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = page_bytes();
    return response;
  }
  auto text = gunzip(page_bytes(), unpacked_bytes(page_bytes()));
  if (!text) return http_error(500, text.error().message);
  response.body = std::move(*text);
  return response;
}

}  // namespace towld
