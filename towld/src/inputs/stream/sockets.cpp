#include "inputs/stream/sockets.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "limits/limits.hpp"
#include "towl/error.hpp"

namespace towld {
namespace {

void enlarge_receive_buffer(int fd) {
  const int bytes = kReceiveBufferBytes;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) == 0) return;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

int option_of(int fd, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

std::string address_of(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  if (address.ss_family == AF_UNIX) {
    const auto* local = reinterpret_cast<const sockaddr_un*>(&address);
    return {local->sun_path, strnlen(local->sun_path, sizeof local->sun_path)};
  }
  const std::string host = host_of(address);
  const bool is_v6 = address.ss_family == AF_INET6;
  const auto port = ntohs(is_v6 ? reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port
                                : reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

towl::Error failed(const ListenAddress& address, const std::string& why, int error_number) {
  const std::string name = std::string(name_of(address.transport)) + "://" + address.host + ":" + address.port;
  towl::Error error = towl::error_from_errno(error_number, "cannot listen on " + name, "");
  if (!why.empty()) error.message = "cannot listen on " + name + ": " + why;
  if (error_number == EACCES) {
    error.message += "; ports below 1024 need CAP_NET_BIND_SERVICE, or a socket of systemd's (listen: systemd)";
  }
  return error;
}

}  // namespace

std::string host_of(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr, text.data(), text.size());
  } else if (address.ss_family == AF_INET6) {
    const in6_addr& host = reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr;
    const bool is_v4 = IN6_IS_ADDR_V4MAPPED(&host);
    inet_ntop(is_v4 ? AF_INET : AF_INET6, is_v4 ? &host.s6_addr[12] : &host.s6_addr[0], text.data(), text.size());
  }
  return text.data();
}

towl::Result<ListeningSocket> open_listening_socket(const ListenAddress& address) {
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = address.transport == Transport::udp ? SOCK_DGRAM : SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found); error != 0) {
    return towl::fail(failed(address, std::string("the host is not known: ") + gai_strerror(error), ENOENT));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  int error_number = 0;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    Descriptor socket(::socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, at->ai_protocol));
    const bool is_datagram = at->ai_socktype == SOCK_DGRAM;
    const int on = 1;
    if (!is_datagram) setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (is_datagram) enlarge_receive_buffer(socket.get());
    if (socket.get() < 0 || bind(socket.get(), at->ai_addr, at->ai_addrlen) != 0 ||
        (!is_datagram && listen(socket.get(), kListenBacklog) != 0)) {
      error_number = errno;
      continue;
    }
    std::string bound = address_of(socket.get());
    return ListeningSocket{std::move(socket), is_datagram, std::move(bound)};
  }
  return towl::fail(failed(address, "", error_number));
}

towl::Result<std::vector<ListeningSocket>> passed_sockets() {
  const int count = sd_listen_fds(0);
  std::vector<ListeningSocket> sockets;
  for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count; ++fd) {
    const int type = option_of(fd, SO_TYPE);
    const bool listens = option_of(fd, SO_ACCEPTCONN) == 1;
    if (type != SOCK_DGRAM && !(type == SOCK_STREAM && listens)) continue;
    Descriptor copy(fcntl(fd, F_DUPFD_CLOEXEC, 0));
    if (copy.get() < 0 || fcntl(copy.get(), F_SETFL, fcntl(copy.get(), F_GETFL) | O_NONBLOCK) != 0) {
      return towl::fail(towl::error_from_errno(errno, "cannot use a socket that systemd passed", ""));
    }
    if (type == SOCK_DGRAM) enlarge_receive_buffer(copy.get());
    std::string bound = address_of(copy.get());
    sockets.push_back({std::move(copy), type == SOCK_DGRAM, std::move(bound)});
  }
  if (!sockets.empty()) return sockets;
  return towl::fail(towl::ErrorCode::not_found,
                    "listen: systemd needs a socket that systemd passes: start towld by a unit whose .socket unit "
                    "has ListenDatagram= or ListenStream=, such as towld-syslog.socket");
}

}  // namespace towld
