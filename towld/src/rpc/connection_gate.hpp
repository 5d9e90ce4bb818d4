// ConnectionGate takes the connections of the gRPC server, and bounds them. gRPC 1.51 takes whatever comes, and stops
// listening for good once accept(2) fails, e.g. for lack of a descriptor.
//
// Limits:   in all, and of one peer, so that it locks nobody out: of IPv6 a /64, which is one host's. Above them a
//           connection is closed at once.
// Ended:    a connection that was handed over is gRPC's to close. It is over once its descriptor is closed, or is that
//           of another file: its inode tells.
// No room:  if no descriptor is left, those that wait are taken as soon as one is.
// Threads:  one of its own; the calls here are for any, one at a time, but open(), counters(): any.
#pragma once

#include <grpcpp/server_builder.h>
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "ingest/wakeup.hpp"
#include "limits/configured.hpp"
#include "towl/result.hpp"

namespace towld {

struct ConnectionCounters {
  std::atomic<std::uint64_t> accepted = 0;
  std::atomic<std::uint64_t> refused = 0;  ///< Of these.
};

struct ConnectionLimits {
  std::size_t all = 4096;
  std::size_t of_peer = 3072;
};

class ConnectionGate {
 public:
  using Acceptor = grpc::experimental::ExternalConnectionAcceptor;
  /// Told, now and then, that connections are refused.
  using Say = std::function<void(const std::string&)>;

  /// Listens on the host's first address, of IPv4 if it has one; port "0" takes a free one. Errors:
  /// invalid_argument, with the system's reason.
  static towl::Result<std::unique_ptr<ConnectionGate>> listen(const std::string& host, const std::string& port,
                                                              const ConnectionLimits& limits,
                                                              std::shared_ptr<LimitCounts> reached = nullptr,
                                                              Say say = {});

  /// For listen() alone.
  ConnectionGate(int listener, int port, const ConnectionLimits& limits, std::shared_ptr<LimitCounts> reached, Say say,
                 std::shared_ptr<Wakeup> wakeup);
  ConnectionGate(const ConnectionGate&) = delete;
  ConnectionGate& operator=(const ConnectionGate&) = delete;
  ~ConnectionGate();

  int port() const { return port_; }

  /// Hands connections to `acceptor`, whose server runs, from now on.
  void start(std::unique_ptr<Acceptor> acceptor);

  /// Takes no more, and stops listening: a client that comes now is told so, and does not wait.
  void stop();

  /// How many are open now.
  std::size_t open() const;

  const ConnectionCounters& counters() const { return counters_; }

 private:
  struct Known {
    ino_t inode = 0;
    std::string peer;
  };
  using AllKnown = std::unordered_map<int, Known>;

  void work(const std::stop_token& stop);
  bool accept_one();
  void refuse(int fd, const std::string& why);
  void say(const std::string& what);
  // With the mutex held.
  bool has_room(const std::string& peer, bool& is_peers);
  void forget_ended() const;
  void remove(AllKnown::iterator known) const;

  int listener_;  // -1: closed
  const int port_;
  const ConnectionLimits limits_;
  const std::shared_ptr<LimitCounts> reached_;
  const Say say_;
  ConnectionCounters counters_;
  std::unique_ptr<Acceptor> acceptor_;
  std::chrono::steady_clock::time_point last_look_ = {};
  std::chrono::steady_clock::time_point last_said_ = {};
  std::shared_ptr<Wakeup> wakeup_;

  mutable std::mutex mutex_;
  mutable AllKnown known_;
  mutable std::unordered_map<std::string, std::size_t> of_peer_;

  std::jthread thread_;
};

}  // namespace towld
