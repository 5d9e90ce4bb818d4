#include "inputs/syslog/datagram_receiver.hpp"

#include <linux/sock_diag.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "limits/limits.hpp"
#include "towl/time.hpp"

namespace towld {
namespace {

int receive_buffer_of(int fd) {
  int bytes = 0;
  socklen_t size = sizeof bytes;
  return getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, &size) == 0 ? bytes : 0;
}

}  // namespace

struct DatagramReceiver::Slots {
  std::unique_ptr<char[]> memory = std::make_unique_for_overwrite<char[]>(kDatagramSlots * kDatagramSlotBytes);
  std::array<sockaddr_storage, kDatagramSlots> addresses = {};
  std::array<iovec, kDatagramSlots> parts = {};
  std::array<mmsghdr, kDatagramSlots> headers = {};

  Slots() {
    for (std::size_t i = 0; i < kDatagramSlots; ++i) {
      parts[i] = {memory.get() + i * kDatagramSlotBytes, kDatagramSlotBytes};
      headers[i].msg_hdr.msg_iov = &parts[i];
      headers[i].msg_hdr.msg_iovlen = 1;
      headers[i].msg_hdr.msg_name = &addresses[i];
    }
  }

  int receive(int fd) {
    for (auto& header : headers) header.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    // MSG_TRUNC: the length is that of the datagram, even if it is longer than its slot.
    return recvmmsg(fd, headers.data(), kDatagramSlots, MSG_DONTWAIT | MSG_TRUNC, nullptr);
  }

  Frame frame(std::size_t i) const {
    const std::size_t bytes = headers[i].msg_len;
    return {{memory.get() + i * kDatagramSlotBytes, std::min(bytes, kDatagramSlotBytes)}, bytes};
  }
};

DatagramReceiver::DatagramReceiver(std::shared_ptr<asio::io_context> loop, ListeningSocket socket,
                                   const InputContext& context, const towl::TimeZone& zone, AllowList allow)
    : loop_(std::move(loop)),
      socket_(*loop_, socket.descriptor.get()),
      address_(std::move(socket.address)),
      receive_buffer_bytes_(receive_buffer_of(socket.descriptor.get())),
      allow_(std::move(allow)),
      log_(context.log, context.name),
      slots_(std::make_shared<Slots>()),
      sink_(context, loop_, false, [this] { receive(); }),
      entries_(zone),
      timer_(*loop_) {
  socket.descriptor.release();
}

void DatagramReceiver::start() {
  wait();
  tick();
}

void DatagramReceiver::wait() {
  socket_.async_wait(ReadyDescriptor::wait_read, [this](const boost::system::error_code& error) {
    if (!error) receive();
  });
}

void DatagramReceiver::receive() {
  if (is_stopped_) return;
  for (int i = 0; i < kReceivesInARow; ++i) {
    if (!sink_.has_room()) return;  // It will call this again.
    if (receive_some() < static_cast<int>(kDatagramSlots)) break;
  }
  sink_.flush();
  wait();
}

// How many datagrams were taken.
int DatagramReceiver::receive_some() {
  const int count = slots_->receive(socket_.native_handle());
  if (count < 0) {
    const bool is_usual = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ECONNREFUSED;
    if (!is_usual) log_.warn("cannot receive on {}: {}", address_, std::strerror(errno));
    return 0;
  }
  const towl::Timestamp received = towl::now();
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    // Not counted as received: it is nothing that this input was to take.
    if (!allow_.allows(slots_->addresses[i])) {
      ++not_allowed_;
      log_.warn("dropped a datagram from {}: it is in no network of `allow`", host_of(slots_->addresses[i]));
      continue;
    }
    const Frame frame = slots_->frame(i);
    bytes += frame.message.size();
    entries_.take(frame.message, frame.bytes, received, peer_of(slots_->addresses[i]), sink_);
  }
  sink_.count_bytes(bytes);
  return count;
}

const std::string& DatagramReceiver::peer_of(const sockaddr_storage& address) {
  if (std::memcmp(&address, &last_address_, sizeof address) != 0) {
    last_address_ = address;
    last_peer_ = host_of(address);
  }
  return last_peer_;
}

void DatagramReceiver::count_kernel_drops() {
  std::array<std::uint32_t, SK_MEMINFO_VARS> info = {};
  socklen_t size = sizeof info;
  if (getsockopt(socket_.native_handle(), SOL_SOCKET, SO_MEMINFO, info.data(), &size) != 0) return;
  const std::uint32_t drops = info[SK_MEMINFO_DROPS];
  const std::uint32_t count = drops - drops_seen_;  // The kernel's counter may wrap around.
  if (count == 0) return;
  drops_seen_ = drops;
  kernel_drops_ += count;
  InputCounters& counters = *sink_.context().counters;
  counters.received += count;
  counters.dropped += count;
  counters.overflowed += count;
  sink_.context().ingest->count_unstored(0, count);
  log_.warn("the kernel dropped {} datagrams for {}: its buffer of {} bytes was full; net.core.rmem_max allows more",
            count, address_, receive_buffer_bytes_);
}

void DatagramReceiver::tick() {
  count_kernel_drops();
  timer_.expires_after(kDatagramTick);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !is_stopped_) tick();
  });
}

void DatagramReceiver::stop() {
  is_stopped_ = true;
  timer_.cancel();
  for (int i = 0; i < kLastReceives && receive_some() > 0; ++i) continue;
  count_kernel_drops();
  sink_.stop();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace towld
