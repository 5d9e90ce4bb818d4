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
#include <iterator>
#include <utility>

#include "access/peer_group.hpp"

namespace towld {
namespace {

std::string peer_of(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* host = &reinterpret_cast<const sockaddr_in&>(address).sin_addr;
  if (address.ss_family == AF_INET6) host = &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  inet_ntop(address.ss_family, host, text.data(), text.size());
  return peer_group(text.data());
}

int port_of(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

bool bind_and_listen(int fd, const addrinfo& at) {
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // Connections have it from their listener.
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return bind(fd, at.ai_addr, at.ai_addrlen) == 0 && ::listen(fd, SOMAXCONN) == 0;
}

/// 0 if it is no socket any more.
ino_t inode_of(int fd) {
  struct stat found {};
  return fstat(fd, &found) == 0 && S_ISSOCK(found.st_mode) ? found.st_ino : 0;
}

}  // namespace

towl::Result<std::unique_ptr<ConnectionGate>> ConnectionGate::listen(const std::string& host, const std::string& port,
                                                                     const ConnectionLimits& limits,
                                                                     std::shared_ptr<LimitCounts> reached, Say say) {
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
  return std::make_unique<ConnectionGate>(fd, port_of(fd), limits, std::move(reached), std::move(say),
                                          std::move(*wakeup));
}

ConnectionGate::ConnectionGate(int listener, int port, const ConnectionLimits& limits,
                               std::shared_ptr<LimitCounts> reached, Say say, std::shared_ptr<Wakeup> wakeup)
    : listener_(listener),
      port_(port),
      limits_(limits),
      reached_(reached ? std::move(reached) : std::make_shared<LimitCounts>()),
      say_(std::move(say)),
      wakeup_(std::move(wakeup)) {}

ConnectionGate::~ConnectionGate() { stop(); }

void ConnectionGate::start(std::unique_ptr<Acceptor> acceptor) {
  acceptor_ = std::move(acceptor);
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

void ConnectionGate::stop() {
  thread_.request_stop();
  wakeup_->wake();
  if (thread_.joinable()) thread_.join();
  if (listener_ >= 0) close(std::exchange(listener_, -1));
}

void ConnectionGate::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (!wakeup_->wait(listener_, -1)) continue;
    while (!stop.stop_requested() && accept_one()) continue;
  }
}

// False if there is none now.
bool ConnectionGate::accept_one() {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  const int fd = accept4(listener_, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
    // Most likely all descriptors are in use: they are not freed by asking for one again and again.
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      say(std::string("cannot take gRPC connections: ") + std::strerror(errno));
      wakeup_->wait(-1, static_cast<int>(kRpcAcceptPause.count()));
      return false;
    }
    return true;  // One that is gone again.
  }
  ++counters_.accepted;
  std::string peer = peer_of(from);
  {
    std::lock_guard lock(mutex_);
    bool is_peers = false;
    if (!has_room(peer, is_peers)) {
      reached_->add(is_peers ? Limit::peer_percent : Limit::grpc_connections);
      refuse(fd, is_peers ? "too many of " + peer : "there are " + std::to_string(limits_.all));
      return true;
    }
    // The one that had this descriptor has ended.
    if (const auto before = known_.find(fd); before != known_.end()) remove(before);
    ++of_peer_[peer];
    known_[fd] = {inode_of(fd), std::move(peer)};
  }
  Acceptor::NewConnectionParameters connection;
  connection.listener_fd = listener_;
  connection.fd = fd;
  acceptor_->HandleNewConnection(&connection);
  return true;
}

void ConnectionGate::refuse(int fd, const std::string& why) {
  ++counters_.refused;
  close(fd);
  say("gRPC connections are refused: " + why);
}

void ConnectionGate::say(const std::string& what) {
  const auto now = std::chrono::steady_clock::now();
  if (!say_ || (last_said_ != decltype(last_said_){} && now - last_said_ < kRpcWarnEvery)) return;
  last_said_ = now;
  say_(what);
}

bool ConnectionGate::has_room(const std::string& peer, bool& is_peers) {
  const auto has = [&] {
    const auto of_peer = of_peer_.find(peer);
    is_peers = of_peer != of_peer_.end() && of_peer->second >= limits_.of_peer;
    return !is_peers && known_.size() < limits_.all;
  };
  if (has()) return true;
  // Not for every connection that is refused: it looks at all of them.
  const auto now = std::chrono::steady_clock::now();
  if (now - last_look_ < kRpcLookForEndedEvery) return false;
  last_look_ = now;
  forget_ended();
  return has();
}

std::size_t ConnectionGate::open() const {
  std::lock_guard lock(mutex_);
  forget_ended();
  return known_.size();
}

void ConnectionGate::forget_ended() const {
  for (auto known = known_.begin(); known != known_.end();) {
    const auto next = std::next(known);
    if (inode_of(known->first) != known->second.inode) remove(known);
    known = next;
  }
}

void ConnectionGate::remove(AllKnown::iterator known) const {
  const auto of_peer = of_peer_.find(known->second.peer);
  if (--of_peer->second == 0) of_peer_.erase(of_peer);
  known_.erase(known);
}

}  // namespace towld
