// Connection reads what one TCP or TLS client sends, and writes what its session answers.
//
// Memory:  none for reading: the listener's buffer serves all its connections, one after the other; what is unfinished
//          is in the session. Nothing is read while the client does not take its answers.
// Order:   messages are taken in the order in which they came, and answered in it.
// Threads: the event loop's. Held by the callbacks that wait for it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "inputs/stream/asio.hpp"
#include "inputs/stream/byte_stream.hpp"
#include "inputs/stream/sockets.hpp"
#include "inputs/stream/stream_session.hpp"

namespace towld {

class Connection;

/// What the connections of a listener share.
struct ConnectionHost {
  asio::io_context* loop = nullptr;
  EntrySink* sink = nullptr;
  LimitedLog* log = nullptr;
  std::span<char> buffer = {};
  std::size_t held_bytes = 0;  ///< Of unfinished messages, all together.
  /// Is to be resumed once there is room.
  std::function<void(std::shared_ptr<Connection>)> pause = {};
  std::function<void(Connection&)> closed = {};
  std::function<void()> broken = {};
  /// `held_bytes` has grown.
  std::function<void()> held_more = {};
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  /// `host` outlives it. `ssl` is empty for plain TCP.
  Connection(ConnectionHost& host, Descriptor socket, Ssl ssl, std::string peer,
             std::unique_ptr<StreamSession> session);

  /// Greets, and reads from now on.
  void start();

  /// After a pause: reads again.
  void resume();

  /// Reads what has arrived, and closes once that is answered.
  void drain(Clock::time_point until);

  /// Takes what is unfinished as it is, and closes.
  void close();

  const std::string& peer() const { return peer_; }
  std::size_t held_bytes() const { return session_->held_bytes(); }
  bool is_closed() const { return is_closed_; }

  Clock::time_point last_read() const { return last_read_; }
  bool had_message() const { return session_->messages() > 0; }
  /// Since when a message is unfinished.
  std::optional<Clock::time_point> unfinished_since() const { return unfinished_since_; }
  /// Since when the client takes no answers.
  std::optional<Clock::time_point> untaken_since() const { return untaken_since_; }

 private:
  enum class Next { read, wait_to_read, wait_to_write, stop };

  void read();
  Next read_once();
  void wait(ReadyDescriptor::wait_type type);
  void take(std::string_view bytes);
  void answer(std::string answers);
  void send(std::string_view bytes);
  void write();
  void wait_to_write(ReadyDescriptor::wait_type type);
  void end();
  void close_if_answered();

  ConnectionHost& host_;
  ReadyDescriptor socket_;
  ByteStream stream_;
  const std::string peer_;
  const std::unique_ptr<StreamSession> session_;
  std::string unsent_;
  std::size_t unanswered_ = 0;  // Answers that wait for entries to be stored.
  Clock::time_point last_read_ = Clock::now();
  std::optional<Clock::time_point> unfinished_since_ = {};
  std::optional<Clock::time_point> untaken_since_ = {};
  bool is_waiting_to_write_ = false;
  bool is_reading_ = false;  // Something is posted or waited for that reads.
  bool is_ended_ = false;    // Nothing more is read; what is to be answered still is.
  bool is_closed_ = false;
};

}  // namespace towld
