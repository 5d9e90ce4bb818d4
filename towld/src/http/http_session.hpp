// HttpSession is one connection: requests are read, handled and answered one after the other, even if the client
// sends the next ones before it has the answer.
//
// Memory:   between requests a session holds a few hundred bytes; a body only as much as has arrived.
// Hostile:  every state but "the handler has it" ends by itself (HttpLimits); check() is called now and then.
// Threads:  the loop's alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "http/http_message.hpp"
#include "http/http_parser.hpp"
#include "http/http_shared.hpp"
#include "http/http_stream.hpp"

namespace towld {

class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  using Clock = std::chrono::steady_clock;

  /// `shared` must outlive the loop.
  HttpSession(std::unique_ptr<HttpStream> stream, std::string peer, HttpShared& shared);

  /// `group`: of its peer, whose connections are counted.
  void start(std::string group);

  /// Answers without reading anything, and closes.
  void refuse(HttpResponse response);

  /// The answer to request `number`. Ignored if that is not the one being handled.
  void answer(std::uint64_t number, HttpResponse& response);

  /// HttpResponder::begin(), write() and end(). Ignored if that is not the request in work, or has no such body.
  void begin_body(std::uint64_t number, HttpResponse& head, HttpBodyListener listener);
  void write_body(std::uint64_t number, std::string_view bytes);
  void end_body(std::uint64_t number);

  /// Goes on if it waited for room.
  void room_again();

  /// Ends the session if it has waited too long.
  void check(Clock::time_point now);

  /// Ends the session: now if no request is in work, else after its answer. A body that is sent bit by bit ends now.
  void stop();

  void close();

 private:
  enum class State {
    idle,       ///< Between requests.
    header,     ///< Part of one has arrived.
    body,       ///< The header was good.
    no_room,    ///< The handler asked to wait.
    handling,   ///< The handler has it.
    streaming,  ///< The handler writes the body bit by bit.
    writing,    ///< The answer waits for the client.
    lingering,  ///< All is said; what still comes is dropped.
    closed,
  };

  bool has_handler() const { return state_ == State::handling || state_ == State::streaming; }
  bool wants_input() const { return state_ <= State::body || state_ == State::lingering; }
  void enter(State state, std::chrono::milliseconds time);

  void wait(HttpStream::Wait what);
  void go_on();
  void read();
  HttpStream::Wait read_some();
  void take(std::string_view bytes);
  void parse();
  void begin_request();
  void header_read();
  void more_body_read();
  void hand_over_part();
  bool has_room();
  void admitted();
  void handle();

  void look_for_end();
  bool client_is_gone();

  void fail(unsigned status, std::string_view why);
  void send(HttpResponse& response);
  void write_head(HttpResponse& response, bool has_length);
  void body_taken();
  void flush();
  void sent();
  bool nothing_unread();
  void release_body();

  std::unique_ptr<HttpStream> stream_;
  HttpShared& shared_;
  std::string group_;
  bool is_refused_ = false;
  State state_ = State::idle;
  Clock::time_point deadline_ = {};
  bool waiting_to_read_ = false;
  bool waiting_to_write_ = false;
  bool reading_ = false;     // read() is running: it waits itself
  bool parsing_ = false;     // parse() is running: what it calls must not call it again
  bool keep_alive_ = false;  // what the request in work asks for
  bool closing_ = false;

  std::string_view input_;  // Not yet parsed; in kept_ or, while reading, the shared buffer.
  std::string kept_;
  HttpRequest request_;
  std::optional<HttpParser> parser_;
  HttpRoute* route_ = nullptr;
  std::uint64_t number_ = 0;       // of the request in work
  std::size_t body_progress_ = 0;  // what had arrived when the deadline was set
  std::size_t body_counted_ = 0;   // in shared_.bodies_bytes
  std::size_t part_bytes_ = 0;     // the handler takes the body in parts of about so many; 0: whole
  bool is_continued_ = false;      // the client was told to send the body
  std::size_t lingered_bytes_ = 0;

  std::stop_source gone_{std::nostopstate};  // made for the first handler that ends with its client
  HttpBodyListener body_listener_;

  std::string output_;
  std::size_t output_sent_ = 0;
  std::size_t output_progress_ = 0;  // what had been sent when the deadline was set
};

}  // namespace towld
