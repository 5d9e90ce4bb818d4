// Connection reads the messages of one TCP or TLS client.
//
// Memory:  none for reading: the listener's buffer serves all its connections, one after the other; what is unfinished
//          is in the framer.
// Order:   messages are taken in the order in which they came.
// Threads: the event loop's. Held by whatever waits for it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "inputs/syslog/asio.hpp"
#include "inputs/syslog/byte_stream.hpp"
#include "inputs/syslog/framer.hpp"
#include "inputs/syslog/limited_log.hpp"
#include "inputs/syslog/message_sink.hpp"
#include "inputs/syslog/sockets.hpp"

namespace towld {

class Connection;

/// What the connections of a listener share.
struct ConnectionHost {
  asio::io_context* loop = nullptr;
  MessageSink* sink = nullptr;
  LimitedLog* log = nullptr;
  std::span<char> buffer = {};
  std::size_t message_bytes = 0;
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
  Connection(ConnectionHost& host, Descriptor socket, Ssl ssl, std::string peer);

  /// Reads from now on; or, after a pause, again.
  void resume();

  /// Reads what has arrived, stores what is unfinished as it is, and closes.
  void drain(Clock::time_point until);

  /// Stores what is unfinished as it is, and closes.
  void close();

  const std::string& peer() const { return peer_; }
  std::size_t held_bytes() const { return framer_.held_bytes(); }
  bool is_closed() const { return is_closed_; }

  Clock::time_point last_read() const { return last_read_; }
  bool had_message() const { return had_message_; }
  /// Since when a message is unfinished.
  std::optional<Clock::time_point> unfinished_since() const { return unfinished_since_; }

 private:
  enum class Next { read, wait_to_read, wait_to_write, closed };

  void read();
  Next read_once();
  void wait(ReadyDescriptor::wait_type type);
  void take(std::string_view bytes);

  ConnectionHost& host_;
  ReadyDescriptor socket_;
  ByteStream stream_;
  const std::string peer_;
  Framer framer_;
  Clock::time_point last_read_ = Clock::now();
  std::optional<Clock::time_point> unfinished_since_ = {};
  bool had_message_ = false;
  bool is_closed_ = false;
};

}  // namespace towld
