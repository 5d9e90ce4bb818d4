// ConnectionGate takes the connections of the gRPC server, and bounds them: gRPC 1.51 takes whatever comes.
//
// Limits:  in all, and of one peer, so that it locks nobody out. Above them a connection is closed at once.
// Whether: a connection that was handed over is gRPC's to close. It is over once its descriptor is closed, or is that
// of
//          another socket: its inode tells.
// Threads: one of its own; the calls here are for any, one at a time.
#pragma once

#include <grpcpp/server_builder.h>
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>

#include "ingest/wakeup.hpp"
#include "limits/limits.hpp"
#include "towl/result.hpp"

namespace towld {

struct ConnectionCounters {
  std::atomic<std::uint64_t> accepted = 0;
  std::atomic<std::uint64_t> refused = 0;
};

class ConnectionGate {
 public:
  using Acceptor = grpc::experimental::ExternalConnectionAcceptor;

  /// Listens on the host's first address, of IPv4 where it has one; port "0" takes a free one. Errors:
  /// invalid_argument, with the system's reason.
  static towl::Result<std::unique_ptr<ConnectionGate>> listen(const std::string& host, const std::string& port,
                                                              std::size_t max_connections = kMaxRpcConnections);

  /// For listen() alone.
  ConnectionGate(int listener, int port, std::size_t max_connections, std::shared_ptr<Wakeup> wakeup);
  ConnectionGate(const ConnectionGate&) = delete;
  ConnectionGate& operator=(const ConnectionGate&) = delete;
  ~ConnectionGate();

  int port() const { return port_; }

  /// Hands connections to `acceptor`, whose server runs, from now on.
  void start(std::unique_ptr<Acceptor> acceptor);

  /// Takes no more.
  void stop();

  const ConnectionCounters& counters() const { return counters_; }

 private:
  struct Known {
    ino_t inode = 0;
    std::string peer;
  };

  void work(const std::stop_token& stop);
  bool accept_one();
  bool has_room(const std::string& peer);
  void forget_ended();
  void add(int fd, std::string peer);
  void remove(std::unordered_map<int, Known>::iterator known);

  const int listener_;
  const int port_;
  const std::size_t max_connections_;
  ConnectionCounters counters_;
  std::unique_ptr<Acceptor> acceptor_;
  std::unordered_map<int, Known> known_;
  std::unordered_map<std::string, std::size_t> of_peer_;
  std::chrono::steady_clock::time_point last_look_ = {};
  std::shared_ptr<Wakeup> wakeup_;
  std::jthread thread_;
};

}  // namespace towld
