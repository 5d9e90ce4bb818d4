#include "http/http_server.hpp"

#include <algorithm>
#include <future>
#include <utility>
#include <vector>

#include "access/peer_group.hpp"
#include "http/http_session.hpp"
#include "limits/limits.hpp"

namespace towld {
namespace {

using boost::asio::ip::tcp;
using namespace std::chrono_literals;

/// How often sessions are checked: a time-out may come so much late.
std::chrono::milliseconds sweep_interval(const HttpLimits& limits) {
  const auto shortest = std::min({limits.header_time, limits.body_time, limits.idle_time, limits.room_time,
                                  limits.write_time, limits.linger_time, limits.heartbeat_time});
  return std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(500));
}

/// "host" and "port" of "host:port", without brackets.
std::pair<std::string, std::string> split(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) return {};
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return {host, address.substr(colon + 1)};
}

}  // namespace

HttpServer::HttpServer(Private, HttpParts parts)
    : shared_{.limits = parts.limits,
              .reached = std::move(parts.reached),
              .routes = std::move(parts.routes),
              .loop = std::move(parts.loop),
              .counts = std::move(parts.counters),
              .guard = std::move(parts.guard)},
      log_(std::move(parts.log)),
      make_stream_(std::move(parts.make_stream)),
      acceptor_(shared_.loop->context()),
      sweep_timer_(shared_.loop->context()),
      accept_timer_(shared_.loop->context()) {}

HttpServer::~HttpServer() { stop(0ms); }

towl::Result<std::unique_ptr<HttpServer>> HttpServer::listen(const std::string& address, HttpParts parts) {
  auto server = std::make_unique<HttpServer>(Private{}, std::move(parts));
  const auto [host, port] = split(address);
  if (host.empty() || port.empty() || port.find_first_not_of("0123456789") != std::string::npos) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "cannot listen on \"" + address + "\": write it as HOST:PORT, e.g. 127.0.0.1:3037");
  }
  boost::system::error_code error;
  const auto found = tcp::resolver(server->shared_.loop->context()).resolve(host, port, tcp::resolver::passive, error);
  tcp::acceptor& acceptor = *server->acceptor_;
  if (!error) acceptor.open(found.begin()->endpoint().protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(found.begin()->endpoint(), error);
  if (!error) acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  if (error) {
    return towl::fail(towl::ErrorCode::invalid_argument, "cannot listen on " + address + ": " + error.message());
  }
  server->address_ = address.substr(0, address.rfind(':') + 1) + std::to_string(acceptor.local_endpoint().port());
  server->shared_.loop->post([self = server.get()] {
    for (const HttpRoute& route : self->shared_.routes->all()) {
      if (route.handler) route.handler->on_room([self] { self->room_again(); });
    }
    self->accept();
    self->sweep();
  });
  return server;
}

void HttpServer::accept() {
  acceptor_->async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
    if (error == boost::asio::error::operation_aborted || shared_.stopping) return;
    if (!error) {
      accepted(std::move(socket));
      return accept();
    }
    const auto now = std::chrono::steady_clock::now();
    if (now - last_warning_ > kHttpWarnEvery) {
      log_->warn("cannot take HTTP connections: {}", error.message());
      last_warning_ = now;
    }
    accept_timer_->expires_after(kHttpAcceptPause);
    accept_timer_->async_wait([this](const boost::system::error_code& stopped) {
      if (!stopped && !shared_.stopping) accept();
    });
  });
}

// The limit that another connection of this peer would be above.
std::optional<Limit> HttpServer::lacks_room(const std::string& peer) const {
  if (shared_.sessions.size() - shared_.refused_sessions >= shared_.limits.connections) return Limit::http_connections;
  const auto of_peer = shared_.of_peer.find(peer);
  if (of_peer == shared_.of_peer.end() || of_peer->second < shared_.limits.connections_of_peer) return std::nullopt;
  return Limit::peer_percent;
}

void HttpServer::accepted(tcp::socket socket) {
  ++shared_.counters.accepted;
  boost::system::error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (!error) socket.non_blocking(true, error);
  if (!error) socket.set_option(tcp::no_delay(true), error);
  if (error) return;  // It is gone again.
  std::string address = peer.address().to_string();
  std::string group = peer_group(address);
  const auto lacking = lacks_room(group);
  if (lacking) {
    ++shared_.counters.refused;
    shared_.reached->add(*lacking);
    if (shared_.refused_sessions >= kHttpRefusedAtOnce) return;
  }
  auto stream = make_stream_ ? make_stream_(std::move(socket)) : std::make_unique<PlainHttpStream>(std::move(socket));
  if (!stream) return;
  const auto session = std::make_shared<HttpSession>(std::move(stream), std::move(address), shared_);
  shared_.sessions.emplace(session.get(), session);
  ++shared_.counters.open;
  if (lacking) {
    session->refuse(http_busy("too many connections"));
  } else {
    session->start(std::move(group));
  }
}

// A session that goes on may end, and then is no longer among them.
std::vector<std::shared_ptr<HttpSession>> HttpServer::sessions() const {
  std::vector<std::shared_ptr<HttpSession>> sessions;
  sessions.reserve(shared_.sessions.size());
  for (const auto& [key, session] : shared_.sessions) sessions.push_back(session);
  return sessions;
}

void HttpServer::room_again() {
  for (const auto& session : sessions()) session->room_again();
}

void HttpServer::sweep() {
  if (!sweep_timer_) return;
  const auto now = std::chrono::steady_clock::now();
  for (const auto& session : sessions()) session->check(now);
  if (shared_.stopping && shared_.sessions.empty()) {
    std::lock_guard lock(mutex_);
    gone_ = true;
    all_gone_.notify_all();
    return;
  }
  sweep_timer_->expires_after(shared_.stopping ? 5ms : sweep_interval(shared_.limits));
  sweep_timer_->async_wait([this](const boost::system::error_code& error) {
    if (!error) sweep();
  });
}

void HttpServer::begin_stop() {
  boost::system::error_code ignored;
  acceptor_->close(ignored);
  accept_timer_->cancel();
  shared_.stopping = true;
  for (const auto& session : sessions()) session->stop();
  sweep();
}

void HttpServer::stop(std::chrono::milliseconds patience) {
  if (std::exchange(stopped_, true)) return;
  shared_.loop->post([this] { begin_stop(); });
  {
    std::unique_lock lock(mutex_);
    all_gone_.wait_for(lock, patience, [&] { return gone_; });
  }
  std::promise<void> closed;
  shared_.loop->post([&] {
    shared_.stopping = true;
    sweep_timer_.reset();
    accept_timer_.reset();
    acceptor_.reset();
    for (const auto& session : sessions()) session->close();
    closed.set_value();
  });
  closed.get_future().wait();
  shared_.loop->stop();
}

}  // namespace towld
