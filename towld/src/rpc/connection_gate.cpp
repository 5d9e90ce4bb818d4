#include "rpc/connection_gate.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace towld {
namespace {

/// The address without its port.
std::string host_of(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr, text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr, text.data(), text.size());
  }
  return text.data();
}

int port_of(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port
                                             : reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

bool bind_and_listen(int fd, const addrinfo& at) {
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // Connections have it from their listener.
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return bind(fd, at.ai_addr, at.ai_addrlen) == 0 && ::listen(fd, SOMAXCONN) == 0;
}

/// 0 where it is no socket any more.
ino_t inode_of(int fd) {
  struct stat found {};
  return fstat(fd, &found) == 0 && S_ISSOCK(found.st_mode) ? found.st_ino : 0;
}

}  // namespace

towl::Result<std::unique_ptr<ConnectionGate>> ConnectionGate::listen(const std::string& host, const std::string& port,
                                                                     std::size_t max_connections) {
  const auto wrong = [](const std::string& why) { return towl::fail(towl::ErrorCode::invalid_argument, why); };
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0) {
    return wrong(gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  auto wakeup = Wakeup::create();
  if (!wakeup) return towl::fail(std::move(wakeup.error()));
  // "localhost" is both: clients try IPv4 when the other is not there, few the other way round.
  const addrinfo* at = found;
  while (at != nullptr && at->ai_family != AF_INET) at = at->ai_next;
  if (at == nullptr) at = found;
  const int fd = socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, at->ai_protocol);
  if (fd < 0 || !bind_and_listen(fd, *at)) {
    const int error_number = errno;
    if (fd >= 0) close(fd);
    return wrong(std::strerror(error_number));
  }
  return std::make_unique<ConnectionGate>(fd, port_of(fd), max_connections, std::move(*wakeup));
}

ConnectionGate::ConnectionGate(int listener, int port, std::size_t max_connections, std::shared_ptr<Wakeup> wakeup)
    : listener_(listener), port_(port), max_connections_(max_connections), wakeup_(std::move(wakeup)) {}

ConnectionGate::~ConnectionGate() {
  stop();
  close(listener_);
}

void ConnectionGate::start(std::unique_ptr<Acceptor> acceptor) {
  acceptor_ = std::move(acceptor);
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

void ConnectionGate::stop() {
  thread_.request_stop();
  wakeup_->wake();
  if (thread_.joinable()) thread_.join();
}

void ConnectionGate::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (!wakeup_->wait(listener_, -1)) continue;
    while (!stop.stop_requested() && accept_one()) continue;
  }
}

// False where there is none now.
bool ConnectionGate::accept_one() {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  const int fd = accept4(listener_, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
    // Most likely all descriptors are in use: they are not freed by asking for one again and again.
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      wakeup_->wait(-1, static_cast<int>(kRpcAcceptPause.count()));
      return false;
    }
    return true;  // One that is gone again.
  }
  ++counters_.accepted;
  std::string peer = host_of(from);
  if (!has_room(peer)) {
    ++counters_.refused;
    close(fd);
    return true;
  }
  add(fd, std::move(peer));
  Acceptor::NewConnectionParameters connection;
  connection.listener_fd = listener_;
  connection.fd = fd;
  acceptor_->HandleNewConnection(&connection);
  return true;
}

bool ConnectionGate::has_room(const std::string& peer) {
  const auto has = [&] {
    const auto of_peer = of_peer_.find(peer);
    return known_.size() < max_connections_ &&
           (of_peer == of_peer_.end() || of_peer->second < max_connections_ - max_connections_ / 4);
  };
  if (has()) return true;
  forget_ended();
  return has();
}

// Not for every connection that is refused: it looks at all of them.
void ConnectionGate::forget_ended() {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_look_ < kRpcLookForEndedEvery) return;
  last_look_ = now;
  for (auto known = known_.begin(); known != known_.end();) {
    const auto next = std::next(known);
    if (inode_of(known->first) != known->second.inode) remove(known);
    known = next;
  }
}

void ConnectionGate::add(int fd, std::string peer) {
  // The one that had this descriptor has ended.
  if (const auto before = known_.find(fd); before != known_.end()) remove(before);
  ++of_peer_[peer];
  known_[fd] = {inode_of(fd), std::move(peer)};
}

void ConnectionGate::remove(std::unordered_map<int, Known>::iterator known) {
  const auto of_peer = of_peer_.find(known->second.peer);
  if (--of_peer->second == 0) of_peer_.erase(of_peer);
  known_.erase(known);
}

}  // namespace towld
