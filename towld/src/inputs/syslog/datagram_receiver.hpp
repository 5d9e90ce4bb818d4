// DatagramReceiver takes the messages of one UDP (or local datagram) socket.
//
// Nobody can be asked to wait: while the collector has no room, datagrams stay in the kernel's buffer, and those that
// do not fit there are dropped. The kernel counts them (SK_MEMINFO_DROPS, which SO_RXQ_OVFL would say with the next
// datagram only), and so do we: received = stored + rejected + dropped.
//
// Threads: the event loop's.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "inputs/stream/allow_list.hpp"
#include "inputs/stream/asio.hpp"
#include "inputs/stream/entry_sink.hpp"
#include "inputs/stream/limited_log.hpp"
#include "inputs/stream/sockets.hpp"
#include "inputs/stream/syslog_entries.hpp"
#include "inputs/syslog/framer.hpp"

namespace towld {

class DatagramReceiver {
 public:
  DatagramReceiver(std::shared_ptr<asio::io_context> loop, ListeningSocket socket, const InputContext& context,
                   const towl::TimeZone& zone, AllowList allow);

  void start();

  /// Takes what has arrived, and closes.
  void stop();

  const std::string& address() const { return address_; }
  /// Any thread.
  std::uint64_t kernel_drops() const { return kernel_drops_; }
  std::uint64_t not_allowed() const { return not_allowed_; }
  int receive_buffer_bytes() const { return receive_buffer_bytes_; }

 private:
  /// Where datagrams are received, several with one call.
  struct Slots;

  void wait();
  void receive();
  int receive_some();
  void count_kernel_drops();
  void tick();
  const std::string& peer_of(const sockaddr_storage& address);

  const std::shared_ptr<asio::io_context> loop_;
  ReadyDescriptor socket_;
  const std::string address_;
  const int receive_buffer_bytes_;
  const AllowList allow_;
  LimitedLog log_;
  std::shared_ptr<Slots> slots_;
  EntrySink sink_;
  SyslogEntries entries_;
  asio::steady_timer timer_;
  sockaddr_storage last_address_ = {};
  std::string last_peer_ = {};
  std::uint32_t drops_seen_ = 0;
  std::atomic<std::uint64_t> kernel_drops_ = 0;
  std::atomic<std::uint64_t> not_allowed_ = 0;
  bool is_stopped_ = false;
};

}  // namespace towld
