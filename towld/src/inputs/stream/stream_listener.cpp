#include "inputs/stream/stream_listener.hpp"

#include "limits/limits.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace towld {
namespace {

using Clock = Connection::Clock;

// Finds clients that vanished, within three minutes.
void keep_alive(int fd) {
  const auto set = [&](int level, int option, int value) { setsockopt(fd, level, option, &value, sizeof value); };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 20);
  set(IPPROTO_TCP, TCP_KEEPCNT, 6);
}

}  // namespace

StreamListener::StreamListener(std::shared_ptr<asio::io_context> loop, ListeningSocket socket,
                               const InputContext& context, MakeSession make_session, std::size_t max_connections,
                               const StreamLimits& limits, std::optional<TlsContext> tls, AllowList allow)
    : loop_(std::move(loop)),
      socket_(*loop_, socket.descriptor.get()),
      address_(std::move(socket.address)),
      max_connections_(max_connections),
      limits_(limits),
      make_session_(std::move(make_session)),
      tls_(std::move(tls)),
      allow_(std::move(allow)),
      log_(context.log, context.name),
      buffer_(kStreamReadBytes),
      sink_(context, loop_, true, [this] { resume_paused(); }),
      sweep_timer_(*loop_),
      accept_timer_(*loop_),
      drain_timer_(*loop_) {
  socket.descriptor.release();
  host_.loop = loop_.get();
  host_.sink = &sink_;
  host_.log = &log_;
  host_.buffer = buffer_;
  host_.pause = [this](std::shared_ptr<Connection> connection) { paused_.push_back(std::move(connection)); };
  host_.broken = [this] { ++counters_.broken; };
  host_.closed = [this](Connection& connection) {
    --counters_.open;
    connections_.erase(connection.shared_from_this());
    if (is_stopped_ && connections_.empty()) drain_timer_.cancel();
  };
  host_.held_more = [this] {
    if (host_.held_bytes > limits_.held_bytes) asio::post(*loop_, [this] { shed(); });
  };
}

void StreamListener::start() {
  wait_to_accept();
  sweep();
}

void StreamListener::wait_to_accept() {
  socket_.async_wait(ReadyDescriptor::wait_read, [this](const boost::system::error_code& error) {
    if (!error && !is_stopped_) accept();
  });
}

void StreamListener::accept() {
  for (int i = 0; i < kAcceptsInARow; ++i) {
    if (accept_one()) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) break;
    if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) continue;  // One that is gone again.
    log_.warn("cannot accept connections on {}: {}; trying again", address_, std::strerror(errno));
    accept_timer_.expires_after(kAcceptAgainAfter);
    accept_timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error && !is_stopped_) wait_to_accept();
    });
    return;
  }
  wait_to_accept();
}

// False with errno set.
bool StreamListener::accept_one() {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  Descriptor socket(
      accept4(socket_.native_handle(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket.get() < 0) return false;
  ++counters_.accepted;
  std::string peer = host_of(from);
  if (!allow_.allows(from)) {
    ++counters_.not_allowed;
    log_.warn("refused a connection from {}: it is in no network of `allow`", peer);
    return true;
  }
  if (connections_.size() >= max_connections_ && !make_room()) {
    ++counters_.refused;
    log_.warn("refused a connection from {}: there are {} already (max_connections)", peer, connections_.size());
    return true;
  }
  keep_alive(socket.get());
  Ssl ssl;
  if (tls_) {
    ssl = tls_->accept(socket.get());
    if (!ssl) return true;
  }
  auto session = make_session_({sink_, log_}, peer);
  auto connection =
      std::make_shared<Connection>(host_, std::move(socket), std::move(ssl), std::move(peer), std::move(session));
  connections_.insert(connection);
  ++counters_.open;
  connection->start();
  return true;
}

bool StreamListener::make_room() {
  const auto idle = std::min_element(connections_.begin(), connections_.end(),
                                     [](const auto& a, const auto& b) { return a->last_read() < b->last_read(); });
  if (idle == connections_.end() || Clock::now() - (*idle)->last_read() < limits_.replaceable) return false;
  // Keeps it while it is taken out of the list.
  const std::shared_ptr<Connection> connection = *idle;  // NOLINT(performance-unnecessary-copy-initialization)
  evict(*connection, "it was idle, and there are too many connections (max_connections)");
  return true;
}

void StreamListener::evict(Connection& connection, const std::string& why) {
  ++counters_.evicted;
  log_.warn("closed the connection from {}: {}", connection.peer(), why);
  connection.close();
}

// Looks after connections that cost more than they bring.
void StreamListener::sweep() {
  const auto now = Clock::now();
  const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
  for (const auto& connection : all) {
    const auto idle = now - connection->last_read();
    if (connection->unfinished_since() && now - *connection->unfinished_since() > limits_.unfinished) {
      evict(*connection, "its message did not end in time");
    } else if (connection->untaken_since() && now - *connection->untaken_since() > limits_.untaken) {
      evict(*connection, "it did not take its answers in time");
    } else if (!connection->had_message() && idle > limits_.first_message) {
      evict(*connection, "it sent no message");
    } else if (idle > limits_.idle) {
      evict(*connection, "it was idle for too long");
    }
  }
  sweep_timer_.expires_after(kStreamSweepEvery);
  sweep_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !is_stopped_) sweep();
  });
}

// If unfinished messages take too much memory, the longest go.
void StreamListener::shed() {
  while (host_.held_bytes > limits_.held_bytes && !connections_.empty()) {
    const auto largest = std::max_element(connections_.begin(), connections_.end(), [](const auto& a, const auto& b) {
      return a->held_bytes() < b->held_bytes();
    });
    // Keeps it while it is taken out of the list.
    const std::shared_ptr<Connection> connection = *largest;  // NOLINT(performance-unnecessary-copy-initialization)
    evict(*connection, "the unfinished messages of all connections take too much memory, and its is the longest");
  }
}

void StreamListener::resume_paused() {
  std::vector<std::shared_ptr<Connection>> paused;
  paused.swap(paused_);
  for (const auto& connection : paused) connection->resume();
}

void StreamListener::stop() {
  is_stopped_ = true;
  // Those that wait to be accepted have sent messages as well, perhaps.
  for (int i = 0; i < kAcceptsInARow && accept_one(); ++i) continue;
  boost::system::error_code ignored;
  socket_.close(ignored);
  sweep_timer_.cancel();
  accept_timer_.cancel();
  const auto until = Clock::now() + kStreamDrainFor;
  const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
  for (const auto& connection : all) connection->drain(until);
  paused_.clear();
  sink_.stop();
  if (connections_.empty()) return;
  // Those whose answers wait for the store.
  drain_timer_.expires_after(kStreamDrainFor);
  drain_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    const std::vector<std::shared_ptr<Connection>> rest(connections_.begin(), connections_.end());
    for (const auto& connection : rest) connection->close();
  });
}

}  // namespace towld
