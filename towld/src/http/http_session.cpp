#include "http/http_session.hpp"

#include "limits/limits.hpp"

#include <poll.h>

#include <algorithm>
#include <ctime>
#include <utility>

namespace towld {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

void shrink(std::string& text) {
  if (text.capacity() > kHttpKeptBytes) std::string().swap(text);
}

}  // namespace

std::string_view HttpShared::date() {
  const std::time_t now = std::time(nullptr);
  if (now != date_second || date_text.empty()) {
    std::tm calendar{};
    ::gmtime_r(&now, &calendar);
    std::array<char, 40> text{};
    const std::size_t bytes = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &calendar);
    date_text.assign(text.data(), bytes);
    date_second = now;
  }
  return date_text;
}

HttpSession::HttpSession(std::unique_ptr<HttpStream> stream, std::string peer, HttpShared& shared)
    : stream_(std::move(stream)), shared_(shared) {
  request_.peer = std::move(peer);
}

void HttpSession::start(std::string group) {
  group_ = std::move(group);
  ++shared_.of_peer[group_];
  enter(State::idle, stream_->needs_handshake() ? shared_.limits.header_time : shared_.limits.idle_time);
  wait(HttpStream::Wait::readable);
}

void HttpSession::refuse(HttpResponse response) {
  is_refused_ = true;
  ++shared_.refused_sessions;
  closing_ = true;
  route_ = &shared_.routes->unknown();
  send(response);
  go_on();
}

void HttpSession::enter(State state, std::chrono::milliseconds time) {
  state_ = state;
  deadline_ = Clock::now() + time;
}

// Either may be waited for already: the answer to a request may have to wait while more input is waited for.
void HttpSession::wait(HttpStream::Wait what) {
  const bool to_write = what == HttpStream::Wait::writable;
  bool& waiting = to_write ? waiting_to_write_ : waiting_to_read_;
  if (waiting || state_ == State::closed) return;
  waiting = true;
  const auto kind = to_write ? HttpStream::Socket::wait_write : HttpStream::Socket::wait_read;
  stream_->socket().async_wait(kind, [self = shared_from_this(), to_write](const boost::system::error_code& error) {
    (to_write ? self->waiting_to_write_ : self->waiting_to_read_) = false;
    if (error || self->state_ == State::closed) return;
    // TLS may have to read in order to write, and the other way round.
    if (self->state_ == State::writing || (self->state_ == State::streaming && !self->output_.empty())) self->flush();
    if (self->wants_input()) {
      self->read();
    } else if (!to_write && self->has_handler()) {
      self->look_for_end();
    }
  });
}

// Parses what is there, and waits for what is missing.
void HttpSession::go_on() {
  if (parsing_ || state_ == State::closed) return;
  parse();
  // What is left must outlive the shared buffer. It may be a part of kept_ itself.
  if (input_.empty()) {
    shrink(kept_);
    kept_.clear();
  } else if (input_.size() != kept_.size()) {
    kept_ = std::string(input_);
  }
  input_ = kept_;
  if (wants_input() && !reading_) wait(HttpStream::Wait::readable);
}

void HttpSession::read() {
  reading_ = true;
  const HttpStream::Wait what = read_some();
  reading_ = false;
  if (what == HttpStream::Wait::ended) return close();
  if (wants_input()) wait(what);
}

// Returns what to wait for if more input is wanted.
HttpStream::Wait HttpSession::read_some() {
  for (int turn = 0; turn < kHttpReadsATurn && wants_input(); ++turn) {
    const HttpStream::Result result = stream_->read(shared_.buffer);
    if (result.wait != HttpStream::Wait::none) return result.wait;
    shared_.counters.bytes_read.fetch_add(result.bytes, std::memory_order_relaxed);
    if (state_ == State::lingering) {
      lingered_bytes_ += result.bytes;
      if (lingered_bytes_ > shared_.limits.linger_bytes) return HttpStream::Wait::ended;
    } else {
      take({shared_.buffer.data(), result.bytes});
    }
    if (result.bytes < shared_.buffer.size()) break;
  }
  return HttpStream::Wait::readable;
}

void HttpSession::take(std::string_view bytes) {
  if (kept_.empty()) {
    input_ = bytes;
  } else {
    kept_ += bytes;
    input_ = kept_;
  }
  go_on();
}

void HttpSession::parse() {
  parsing_ = true;
  while (!input_.empty() && (state_ == State::idle || state_ == State::header || state_ == State::body)) {
    if (state_ == State::idle) begin_request();
    const HttpParser::Read read = parser_->read(input_);
    input_.remove_prefix(read.bytes);
    if (read.status != 0) {
      if (read.status == 431) shared_.reached->add(Limit::http_header_bytes);
      if (read.status == 413) shared_.reached->add(Limit::request_bytes);
      fail(read.status, read.why);
    } else if (state_ == State::header && parser_->is_header_done()) {
      header_read();
    } else if (state_ == State::body) {
      more_body_read();
    }
    if (!read.needs_more) continue;
    if (state_ == State::body && input_.size() > kMaxChunkHeaderBytes) fail(400, "a chunk's header is too long");
    break;
  }
  parsing_ = false;
}

void HttpSession::begin_request() {
  request_.clear();
  parser_.emplace(request_, shared_.limits);
  route_ = &shared_.routes->unknown();
  keep_alive_ = false;
  part_bytes_ = 0;
  is_continued_ = false;
  ++number_;
  enter(State::header, shared_.limits.header_time);
}

void HttpSession::header_read() {
  keep_alive_ = parser_->keep_alive();
  // If the body was not read, the next request would be looked for in it.
  const auto refuse = [&](HttpResponse response) {
    response.close = !parser_->is_done();
    send(response);
  };
  if (parser_->lacks_host()) return refuse(http_error(400, "the Host header is missing"));
  // A proxy that reads it differently might have taken it for somebody else's request.
  if (parser_->has_hosts()) return fail(400, "there is more than one Host header");
  if (!shared_.guard.knows_host(request_)) {
    return refuse(http_error(421, "this host does not have that name; add other names that it has to listen.names"));
  }
  HttpRoute* route = shared_.routes->find(request_.path);
  if (route == nullptr) return refuse(http_error(404, "there is nothing at this path"));
  route_ = route;
  if (!has_method(*route, request_.method)) return refuse(method_not_allowed(*route));
  if (is_from_other_site(request_)) return refuse(http_error(403, "scripts of other sites may not do this"));
  if (auto refusal = shared_.guard.admit(request_, route->need)) return refuse(std::move(*refusal));
  if (parser_->has_unknown_expectation()) return refuse(http_error(417, "100-continue alone can be expected"));
  part_bytes_ = route->handler->part_bytes(request_);
  if (part_bytes_ > 0) parser_->allow_any_body();
  if (has_room()) admitted();
}

// If there is none, waits.
bool HttpSession::has_room() {
  enter(State::no_room, shared_.limits.room_time);
  return route_->handler->has_room();
}

void HttpSession::room_again() {
  if (state_ != State::no_room || !route_->handler->has_room()) return;
  admitted();
  go_on();
}

void HttpSession::admitted() {
  if (parser_->is_done()) {
    handle();
  } else {
    enter(State::body, shared_.limits.body_time);
    body_progress_ = request_.body.size();
    const bool is_first = !std::exchange(is_continued_, true);
    if (is_first && parser_->expects_continue() && input_.empty() && request_.body.empty()) {
      // So little always fits; if it does not, it goes out with the answer.
      output_ += kContinue;
      const auto written = stream_->write(kContinue);
      if (written.wait == HttpStream::Wait::none) output_.erase(0, written.bytes);
    }
  }
}

void HttpSession::more_body_read() {
  const std::size_t bytes = request_.body.size();
  const std::size_t small = shared_.limits.small_body_bytes;
  if (bytes > small) {
    shared_.bodies_bytes += bytes - small - body_counted_;
    body_counted_ = bytes - small;
    if (shared_.bodies_bytes > shared_.limits.all_bodies_bytes) {
      shared_.reached->add(Limit::http_bodies_bytes);
      HttpResponse response = http_busy("too many large requests at once; send again");
      response.close = true;
      return send(response);
    }
  }
  // A part may be larger by what one read brings.
  if (bytes > shared_.limits.body_bytes + (part_bytes_ > 0 ? shared_.buffer.size() : 0)) {
    shared_.reached->add(Limit::request_bytes);
    return fail(413, "the body is too large");
  }
  if (part_bytes_ > 0 && bytes >= part_bytes_ && !parser_->is_done()) return hand_over_part();
  if (parser_->is_done()) {
    // A body may have taken long to arrive.
    if (has_room()) handle();
    return;
  }
  if (bytes >= body_progress_ + shared_.limits.progress_bytes) {
    body_progress_ = bytes;
    enter(State::body, shared_.limits.body_time);
  }
}

void HttpSession::hand_over_part() {
  route_->handler->take_part(request_);
  shared_.bodies_bytes -= std::exchange(body_counted_, 0);
  if (has_room()) admitted();
}

void HttpSession::handle() {
  state_ = State::handling;
  deadline_ = Clock::time_point::max();
  const bool ends_with_client = route_->handler->ends_with_client();
  if (ends_with_client) {
    if (!gone_.stop_possible()) gone_ = std::stop_source();
    request_.gone = gone_.get_token();
  }
  route_->handler->handle(request_, HttpResponder(shared_.loop, weak_from_this(), number_));
  if (ends_with_client && has_handler()) wait(HttpStream::Wait::readable);
}

// Also if the next request waits to be read.
bool HttpSession::client_is_gone() {
  pollfd socket{stream_->socket().native_handle(), POLLRDHUP, 0};
  return ::poll(&socket, 1, 0) > 0 && (socket.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

// If it is not the end but the next request, check() looks again.
void HttpSession::look_for_end() {
  if (!gone_.stop_possible() || !client_is_gone()) return;
  if (state_ == State::streaming) return close();
  gone_.request_stop();
}

void HttpSession::begin_body(std::uint64_t number, HttpResponse& head, HttpBodyListener listener) {
  if (state_ != State::handling || number != number_) return;
  route_->count(head.status);
  closing_ = true;  // That is how the client knows the body's end.
  write_head(head, false);
  body_listener_ = std::move(listener);
  enter(State::streaming, shared_.limits.write_time);
  flush();
}

void HttpSession::write_body(std::uint64_t number, std::string_view bytes) {
  if (state_ != State::streaming || number != number_) return;
  output_ += bytes;
  enter(State::streaming, shared_.limits.write_time);
  flush();
}

void HttpSession::body_taken() {
  shared_.counters.bytes_written.fetch_add(output_sent_, std::memory_order_relaxed);
  output_sent_ = output_progress_ = 0;
  shrink(output_);
  output_.clear();
  enter(State::streaming, shared_.limits.heartbeat_time);
  // It may write at once, or end.
  const auto listener = body_listener_;
  listener(HttpBodyEvent::taken);
}

void HttpSession::end_body(std::uint64_t number) {
  if (state_ != State::streaming || number != number_) return;
  body_listener_ = nullptr;
  enter(State::writing, shared_.limits.write_time);
  flush();
}

void HttpSession::answer(std::uint64_t number, HttpResponse& response) {
  if (state_ != State::handling || number != number_) return;
  send(response);
  go_on();
}

void HttpSession::fail(unsigned status, std::string_view why) {
  HttpResponse response = http_error(status, why);
  response.close = true;
  send(response);
}

void HttpSession::send(HttpResponse& response) {
  if (response.status >= 400 && response.body.empty())
    response = http_error(response.status, reason_of(response.status));
  route_->count(response.status);
  closing_ = closing_ || response.close || !keep_alive_ || shared_.stopping;
  write_head(response, true);
  if (request_.method != HttpMethod::head) output_ += response.body;
  enter(State::writing, shared_.limits.write_time);
  flush();
}

void HttpSession::write_head(HttpResponse& response, bool has_length) {
  output_ += "HTTP/1.1 ";
  output_ += std::to_string(response.status);
  output_ += ' ';
  output_ += reason_of(response.status);
  output_ += "\r\nDate: ";
  output_ += shared_.date();
  // 304 has no body, and must not say that the one that the client has is empty (RFC 9110, 8.6).
  if (response.status != 304) {
    output_ += "\r\nContent-Type: ";
    output_ += response.content_type;
    if (has_length) output_ += "\r\nContent-Length: " + std::to_string(response.body.size());
  }
  // What a log says is never taken for a script or a page, whatever it looks like.
  output_ += "\r\nX-Content-Type-Options: nosniff";
  if (response.retry_after_s) output_ += "\r\nRetry-After: " + std::to_string(*response.retry_after_s);
  if (!response.allow.empty()) output_ += "\r\nAllow: " + response.allow;
  for (const auto& [name, value] : response.headers) {
    output_ += "\r\n";
    output_ += name;
    output_ += ": " + value;
  }
  output_ += closing_ ? "\r\nConnection: close\r\n\r\n" : "\r\nConnection: keep-alive\r\n\r\n";
}

void HttpSession::flush() {
  while (output_sent_ < output_.size()) {
    const HttpStream::Result result = stream_->write(std::string_view(output_).substr(output_sent_));
    if (result.wait == HttpStream::Wait::ended) return close();
    if (result.wait != HttpStream::Wait::none) return wait(result.wait);
    output_sent_ += result.bytes;
    if (output_sent_ >= output_progress_ + shared_.limits.progress_bytes) {
      output_progress_ = output_sent_;
      enter(state_, shared_.limits.write_time);
    }
  }
  if (state_ == State::streaming) return body_taken();
  sent();
}

void HttpSession::sent() {
  shared_.counters.bytes_written.fetch_add(output_sent_, std::memory_order_relaxed);
  output_sent_ = output_progress_ = 0;
  shrink(output_);
  output_.clear();
  release_body();
  if (closing_) {
    stream_->end_output();
    if (nothing_unread()) return close();
    input_ = {};
    enter(State::lingering, shared_.limits.linger_time);
  } else {
    enter(State::idle, shared_.limits.idle_time);
  }
  go_on();
}

// Closing resets the connection if something is unread.
bool HttpSession::nothing_unread() {
  boost::system::error_code error;
  return parser_ && parser_->is_done() && input_.empty() && stream_->socket().available(error) == 0 && !error;
}

void HttpSession::release_body() {
  shared_.bodies_bytes -= std::exchange(body_counted_, 0);
  shrink(request_.body);
}

void HttpSession::check(Clock::time_point now) {
  if (has_handler()) {
    const auto self = shared_from_this();
    look_for_end();
    if (state_ == State::streaming && request_.grant && request_.grant->is_revoked()) return end_body(number_);
  }
  if (now < deadline_) return;
  switch (state_) {
    case State::header:
    case State::body:
      ++shared_.counters.timed_out;
      shared_.reached->add(state_ == State::header ? Limit::http_header_time : Limit::http_body_time);
      fail(408, "the request did not arrive in time");
      return go_on();
    case State::no_room: {
      HttpResponse response = http_busy("the queue is full; send again");
      response.close = !parser_->is_done();
      send(response);
      return go_on();
    }
    case State::idle:
    case State::writing:
      ++shared_.counters.timed_out;
      shared_.reached->add(state_ == State::idle ? Limit::http_idle_time : Limit::http_answer_time);
      return close();
    case State::lingering:
      return close();
    case State::streaming: {
      if (!output_.empty()) {
        ++shared_.counters.timed_out;
        shared_.reached->add(Limit::http_answer_time);
        return close();
      }
      enter(State::streaming, shared_.limits.heartbeat_time);
      const auto listener = body_listener_;
      return listener(HttpBodyEvent::idle);
    }
    case State::handling:
    case State::closed:
      return;
  }
}

void HttpSession::stop() {
  if (state_ == State::idle) close();
  if (state_ == State::streaming) end_body(number_);
}

void HttpSession::close() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  gone_.request_stop();
  body_listener_ = nullptr;
  release_body();
  boost::system::error_code ignored;
  stream_->socket().close(ignored);
  // The last reference may be the one that this removes.
  const auto self = shared_from_this();
  shared_.sessions.erase(this);
  if (is_refused_) --shared_.refused_sessions;
  if (const auto of_peer = shared_.of_peer.find(group_); of_peer != shared_.of_peer.end() && --of_peer->second == 0) {
    shared_.of_peer.erase(of_peer);
  }
  shared_.counters.open.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace towld
