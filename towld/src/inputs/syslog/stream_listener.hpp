// StreamListener accepts the connections of one TCP or TLS socket and bounds what they cost.
//
// Threads: the event loop's; counters from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "inputs/syslog/allow_list.hpp"
#include "inputs/syslog/connection.hpp"
#include "inputs/syslog/sockets.hpp"
#include "limits/limits.hpp"
#include "tls/tls_context.hpp"

namespace towld {

/// Any thread.
struct StreamCounters {
  std::atomic<std::uint64_t> accepted = 0;
  std::atomic<std::uint64_t> open = 0;
  std::atomic<std::uint64_t> refused = 0;      ///< There were too many.
  std::atomic<std::uint64_t> not_allowed = 0;  ///< They came from elsewhere.
  std::atomic<std::uint64_t> evicted = 0;      ///< Closed for being idle, unfinished or in the way.
  std::atomic<std::uint64_t> broken = 0;       ///< Closed because their framing made no sense.
};

class StreamListener {
 public:
  StreamListener(std::shared_ptr<asio::io_context> loop, ListeningSocket socket, const InputContext& context,
                 const towl::TimeZone& zone, std::size_t max_connections, const SyslogLimits& limits,
                 std::optional<TlsContext> tls, AllowList allow);

  void start();

  /// Accepts nothing more, takes what has arrived and closes all connections.
  void stop();

  /// For connections from now on.
  void set_tls(TlsContext tls) { tls_ = std::move(tls); }
  bool has_tls() const { return tls_.has_value(); }

  const std::string& address() const { return address_; }
  const StreamCounters& counters() const { return counters_; }

 private:
  void wait_to_accept();
  void accept();
  bool accept_one();
  bool make_room();
  void sweep();
  void shed();
  void evict(Connection& connection, const std::string& why);
  void resume_paused();

  const std::shared_ptr<asio::io_context> loop_;
  ReadyDescriptor socket_;
  const std::string address_;
  const std::size_t max_connections_;
  const SyslogLimits limits_;
  std::optional<TlsContext> tls_;
  const AllowList allow_;
  LimitedLog log_;
  std::vector<char> buffer_;
  StreamCounters counters_;
  MessageSink sink_;
  ConnectionHost host_;
  std::set<std::shared_ptr<Connection>> connections_;
  std::vector<std::shared_ptr<Connection>> paused_;
  asio::steady_timer sweep_timer_;
  asio::steady_timer accept_timer_;
  bool is_stopped_ = false;
};

}  // namespace towld
