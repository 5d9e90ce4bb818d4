#include "http/http_parser.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include "http/url.hpp"
#include "limits/limits.hpp"
#include "towl/record/members.hpp"

namespace towld {
namespace {

namespace http = boost::beast::http;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

HttpMethod method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return HttpMethod::get;
    case http::verb::head:
      return HttpMethod::head;
    case http::verb::post:
      return HttpMethod::post;
    case http::verb::put:
      return HttpMethod::put;
    case http::verb::delete_:
      return HttpMethod::delete_;
    case http::verb::options:
      return HttpMethod::options;
    default:
      return HttpMethod::other;
  }
}

}  // namespace

HttpParser::HttpParser(HttpRequest& request, const HttpLimits& limits) : request_(request) {
  header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  body_limit(limits.body_bytes);
}

HttpParser::Read HttpParser::read(std::string_view bytes) {
  eager(is_header_done());
  ErrorCode error;
  const std::size_t used = put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  if (!error) return {.bytes = used};
  if (error == http::error::need_more) return {.bytes = used, .needs_more = true};
  if (error == http::error::header_limit) {
    return {.bytes = used, .status = 431, .why = "the request's header is too large"};
  }
  if (error == http::error::body_limit) return {.bytes = used, .status = 413, .why = "the body is too large"};
  if (error == http::error::bad_version) return {.bytes = used, .status = 505, .why = "HTTP/1.1 is spoken here"};
  if (error == http::error::bad_transfer_encoding) {
    return {.bytes = used, .status = 400, .why = "the Transfer-Encoding must be chunked, without a Content-Length"};
  }
  return {.bytes = used, .status = 400, .why = "not an HTTP/1.1 request"};
}

std::optional<std::uint64_t> HttpParser::content_length_claimed() const {
  const auto length = content_length();
  return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}

void HttpParser::on_request_impl(http::verb method, Text, Text target, int version, ErrorCode& error) {
  request_.method = method_of(method);
  is_version_1_1_ = version == 11;
  std::string_view rest = view(target);
  // A proxy's form, http://host/path.
  if (const auto scheme = rest.find("://"); scheme != std::string_view::npos && !rest.starts_with('/')) {
    const auto slash = rest.find('/', scheme + 3);
    rest = slash == std::string_view::npos ? std::string_view("/") : rest.substr(slash);
  }
  const auto question = rest.find('?');
  if (question != std::string_view::npos) request_.query.assign(rest.substr(question + 1));
  auto path = decode_url(rest.substr(0, question), false);
  if (!path) {
    error = http::error::bad_target;
    return;
  }
  request_.path = std::move(*path);
}

void HttpParser::on_field_impl(http::field field, Text name, Text value, ErrorCode&) {
  if (in_trailer_) return;
  if (field == http::field::expect) {
    const bool known = boost::beast::iequals(value, "100-continue");
    expects_continue_ = expects_continue_ || known;
    has_unknown_expectation_ = has_unknown_expectation_ || !known;
  }
  has_transfer_encoding_ = has_transfer_encoding_ || field == http::field::transfer_encoding;
  if (field == http::field::host) ++host_count_;
  request_.add_header(view(name), view(value));
}

void HttpParser::on_header_impl(ErrorCode& error) {
  in_trailer_ = true;
  // Where the body ends would not be known, and the next request would be read out of it.
  if (has_transfer_encoding_ && !chunked()) error = http::error::bad_transfer_encoding;
}

void HttpParser::on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode&) {
  request_.body.reserve(static_cast<std::size_t>(std::min(length.value_or(0), kHttpReservedBytes)) +
                        towl::JsonReader::kPaddingBytes);
}

// RFC 9112, 7.1.1: a recipient ignores extensions that it does not know, and bounds what it takes of them.
void HttpParser::on_chunk_header_impl(std::uint64_t, Text extensions, ErrorCode& error) {
  extension_bytes_ += extensions.size();
  if (extensions.size() > kMaxChunkExtensionBytes || extension_bytes_ > kMaxChunkExtensionsBytes) {
    error = http::error::bad_chunk_extension;
  }
}

std::size_t HttpParser::on_body_impl(Text body, ErrorCode&) {
  request_.body.append(body.data(), body.size());
  return body.size();
}

std::size_t HttpParser::on_chunk_body_impl(std::uint64_t, Text body, ErrorCode&) {
  request_.body.append(body.data(), body.size());
  return body.size();
}

}  // namespace towld
