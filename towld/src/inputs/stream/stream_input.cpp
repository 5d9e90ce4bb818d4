#include "inputs/stream/stream_input.hpp"

#include <utility>

#include "inputs/stream/allow_list.hpp"
#include "inputs/stream/asio.hpp"
#include "inputs/stream/listen_address.hpp"
#include "inputs/stream/sockets.hpp"
#include "inputs/stream/stream_listener.hpp"
#include "tls/tls_context.hpp"

namespace towld {

struct StreamInput::Parts {
  StreamInputConfig config;
  InputContext context;
  // Held by the callbacks that may still post to it from another thread.
  std::shared_ptr<asio::io_context> loop = std::make_shared<asio::io_context>(1);
  std::unique_ptr<StreamListener> listener = {};
};

namespace {

towl::Result<ListenAddress> address_of(const StreamInputConfig& config) {
  auto address = parse_listen_address(config.listen);
  if (!address) return address;
  if (address->transport != Transport::tcp && address->transport != Transport::tls) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "cannot listen on \"" + config.listen + "\": it must be tcp://HOST:PORT or tls://HOST:PORT");
  }
  if (address->transport == Transport::tls && !config.tls) {
    return towl::fail(towl::ErrorCode::invalid_argument, config.listen + " needs `tls` with cert and key");
  }
  return address;
}

towl::Result<std::optional<TlsContext>> tls_of(const StreamInputConfig& config) {
  if (!config.tls || !config.listen.starts_with("tls://")) return std::optional<TlsContext>();
  auto loaded = TlsContext::load(*config.tls);
  if (!loaded) return towl::fail(std::move(loaded.error()));
  return std::optional<TlsContext>(std::move(*loaded));
}

}  // namespace

void read_stream_input(YamlMap& map, StreamInputConfig& config) {
  map.text("listen", config.listen);
  const bool is_tls = config.listen.starts_with("tls://");
  if (!is_tls && !config.listen.starts_with("tcp://")) {
    map.complain("listen", "must be tcp://HOST:PORT or tls://HOST:PORT");
  }
  map.map("tls", [&](YamlMap& inner) { read_tls(inner, config.tls.emplace()); });
  if (is_tls && !config.tls) map.complain("listen", "tls:// needs `tls` with cert and key");
  map.texts("allow", config.allow);
  if (const auto allowed = AllowList::parse(config.allow); !allowed) map.complain("allow", allowed.error().message);
  map.number("max_connections", config.max_connections);
}

std::string open_address_of(const StreamInputConfig& config) {
  const bool shows_who = config.listen.starts_with("tls") && config.tls && !config.tls->client_ca.empty();
  return shows_who || !config.allow.empty() ? "" : config.listen;
}

towl::Result<std::unique_ptr<StreamInput>> StreamInput::start(const StreamInputConfig& config,
                                                              const InputContext& context, MakeSession make_session,
                                                              const StreamLimits& limits) {
  const auto address = address_of(config);
  if (!address) return towl::fail(address.error());
  auto allow = AllowList::parse(config.allow);
  if (!allow) return towl::fail(std::move(allow.error()));
  auto tls = tls_of(config);
  if (!tls) return towl::fail(std::move(tls.error()));
  auto socket = open_listening_socket(*address);
  if (!socket) return towl::fail(std::move(socket.error()));
  try {
    auto parts = std::make_unique<Parts>(Parts{.config = config, .context = context});
    parts->listener =
        std::make_unique<StreamListener>(parts->loop, std::move(*socket), context, std::move(make_session),
                                         config.max_connections, limits, std::move(*tls), std::move(*allow));
    return std::unique_ptr<StreamInput>(new StreamInput(std::move(parts)));
  } catch (const std::exception& error) {  // Boost.Asio: no descriptor left for its own needs.
    return towl::fail(towl::ErrorCode::io, "cannot listen on " + config.listen + ": " + error.what());
  }
}

towl::Result<void> StreamInput::check(const StreamInputConfig& config) {
  if (const auto address = address_of(config); !address) return towl::fail(address.error());
  if (const auto tls = tls_of(config); !tls) return towl::fail(tls.error());
  return {};
}

StreamInput::StreamInput(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {
  parts_->listener->start();
  if (parts_->context.log) parts_->context.log->info("{}: listening on {}", parts_->context.name, address());
  thread_ = std::jthread([parts = parts_.get()] { parts->loop->run(); });
}

StreamInput::~StreamInput() { stop(); }

void StreamInput::stop() {
  if (!thread_.joinable()) return;
  asio::post(*parts_->loop, [parts = parts_.get()] { parts->listener->stop(); });
  // The loop ends once nothing waits any more.
  thread_.join();
}

towl::Result<void> StreamInput::reload() {
  auto tls = tls_of(parts_->config);
  if (!tls) return towl::fail(std::move(tls.error()));
  if (!*tls) return {};
  asio::post(*parts_->loop, [parts = parts_.get(), tls = std::move(**tls)] { parts->listener->set_tls(tls); });
  return {};
}

std::string StreamInput::address() const {
  return (parts_->listener->has_tls() ? "tls://" : "tcp://") + parts_->listener->address();
}

InputStatus StreamInput::status() const {
  InputStatus status;
  status.listening = {address()};
  const StreamCounters& counters = parts_->listener->counters();
  status.counts = {{"connections", counters.open}, {"accepted", counters.accepted},
                   {"refused", counters.refused},  {"not_allowed", counters.not_allowed},
                   {"evicted", counters.evicted},  {"broken_framing", counters.broken}};
  return status;
}

}  // namespace towld
