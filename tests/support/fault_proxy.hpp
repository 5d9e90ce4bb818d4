// FaultProxy stands between a client and a server and breaks their connections as it is told.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace towl::test {

/// What happens to a connection once enough bytes went from the client to the server.
enum class Fault {
  none,
  reset,       ///< Both sides get an RST.
  half_close,  ///< The server gets an end of stream, the client hears nothing more.
  black_hole,  ///< Nothing goes either way any more, and nobody is told.
};

class FaultProxy {
 public:
  /// Listens on a free port of the loopback; connections go to `target` (HOST:PORT, a numeric address).
  explicit FaultProxy(std::string target);
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;
  ~FaultProxy();

  const std::string& address() const { return address_; }

  /// For connections from now on.
  void set_target(std::string target);
  /// Each connection from now on breaks after `bytes` from its client.
  void set_fault(Fault fault, std::uint64_t bytes);
  /// Bytes of connections from now on arrive this much later, in both directions, as if the peer were far away.
  void set_delay(std::chrono::milliseconds delay);
  /// Resets all current connections.
  void cut();

  std::uint64_t connections() const { return connections_; }
  /// Bytes from clients that reached servers.
  std::uint64_t forwarded() const { return forwarded_; }

 private:
  struct Link;
  void accept_all();

  int listener_ = -1;
  std::string address_;
  std::mutex mutex_;
  std::string target_;
  Fault fault_ = Fault::none;
  std::uint64_t fault_bytes_ = 0;
  std::chrono::milliseconds delay_{0};
  std::vector<std::shared_ptr<Link>> links_;
  std::atomic<std::uint64_t> connections_ = 0;
  std::atomic<std::uint64_t> forwarded_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace towl::test
