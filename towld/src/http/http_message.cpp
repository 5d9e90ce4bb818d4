#include "http/http_message.hpp"

#include <algorithm>
#include <utility>

#include "http/http_loop.hpp"
#include "http/http_session.hpp"
#include "limits/limits.hpp"
#include "towl/record/json_text.hpp"

namespace towld {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view name_of(HttpMethod method) {
  switch (method) {
    case HttpMethod::get:
      return "GET";
    case HttpMethod::head:
      return "HEAD";
    case HttpMethod::post:
      return "POST";
    case HttpMethod::put:
      return "PUT";
    case HttpMethod::delete_:
      return "DELETE";
    case HttpMethod::options:
      return "OPTIONS";
    case HttpMethod::other:
      return "";
  }
  return "";
}

std::string_view HttpRequest::header(std::string_view name) const {
  for (const Header& header : headers_) {
    if (same_name(std::string_view(header_text_).substr(header.begin, header.name_bytes), name)) {
      return std::string_view(header_text_).substr(header.begin + header.name_bytes, header.value_bytes);
    }
  }
  return {};
}

void HttpRequest::add_header(std::string_view name, std::string_view value) {
  headers_.push_back({header_text_.size(), name.size(), value.size()});
  header_text_ += name;
  header_text_ += value;
}

void HttpRequest::clear() {
  method = HttpMethod::other;
  path.clear();
  query.clear();
  body.clear();
  grant.reset();
  gone = {};
  parts.reset();
  header_text_.clear();
  headers_.clear();
}

HttpResponse http_error(unsigned status, std::string_view message) {
  HttpResponse response{.status = status, .body = R"({"error":)"};
  towl::append_json_text(message, response.body);
  response.body += '}';
  return response;
}

HttpResponse http_busy(std::string_view message, unsigned status) {
  HttpResponse response = http_error(status, message);
  response.retry_after_s = kRetryAfterSeconds;
  return response;
}

std::string_view reason_of(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

HttpResponder::HttpResponder(std::shared_ptr<HttpLoop> loop, std::weak_ptr<HttpSession> session, std::uint64_t number)
    : loop_(std::move(loop)), session_(std::move(session)), number_(number) {}

// The session must not be kept alive on another thread: it belongs to the loop's.
void HttpResponder::post(std::function<void(HttpSession&)> work) const {
  loop_->post([session = session_, work = std::move(work)] {
    if (const auto held = session.lock()) work(*held);
  });
}

HttpResponder::HttpResponder(std::shared_ptr<HttpLoop> loop, std::function<void(HttpResponse)> answer)
    : loop_(std::move(loop)), answer_(std::move(answer)) {}

void HttpResponder::operator()(HttpResponse response) const {
  if (answer_) {
    if (loop_->in_thread()) return answer_(std::move(response));
    return loop_->post([answer = answer_, given = std::move(response)]() mutable { answer(std::move(given)); });
  }
  if (loop_->in_thread()) {
    if (const auto session = session_.lock()) session->answer(number_, response);
    return;
  }
  post([number = number_, answer = std::move(response)](HttpSession& session) mutable {
    session.answer(number, answer);
  });
}

// These are always posted: the listener may call them, and is not to be called from within itself.
void HttpResponder::begin(HttpResponse head, HttpBodyListener listener) const {
  post([number = number_, answer = std::move(head), listener = std::move(listener)](HttpSession& session) mutable {
    session.begin_body(number, answer, std::move(listener));
  });
}

void HttpResponder::write(std::string bytes) const {
  post([number = number_, more = std::move(bytes)](HttpSession& session) { session.write_body(number, more); });
}

void HttpResponder::end() const {
  post([number = number_](HttpSession& session) { session.end_body(number); });
}

}  // namespace towld
