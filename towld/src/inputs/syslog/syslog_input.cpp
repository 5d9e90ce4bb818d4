#include "inputs/syslog/syslog_input.hpp"

#include <future>
#include <utility>

#include "inputs/stream/allow_list.hpp"
#include "inputs/stream/asio.hpp"
#include "inputs/stream/listen_address.hpp"
#include "inputs/stream/sockets.hpp"
#include "inputs/stream/stream_listener.hpp"
#include "inputs/syslog/datagram_receiver.hpp"
#include "inputs/syslog/syslog_session.hpp"
#include "tls/tls_context.hpp"

namespace towld {

struct SyslogInput::Parts {
  SyslogInputConfig config;
  InputContext context;
  // Held by the callbacks that may still post to it from another thread.
  std::shared_ptr<asio::io_context> loop = std::make_shared<asio::io_context>(1);
  std::vector<std::unique_ptr<StreamListener>> streams = {};
  std::vector<std::unique_ptr<DatagramReceiver>> datagrams = {};
};

namespace {

towl::Result<std::vector<ListeningSocket>> open_sockets(const ListenAddress& address) {
  if (address.transport == Transport::systemd) return passed_sockets();
  auto socket = open_listening_socket(address);
  if (!socket) return towl::fail(std::move(socket.error()));
  std::vector<ListeningSocket> sockets;
  sockets.push_back(std::move(*socket));
  return sockets;
}

std::string shown(const StreamListener& listener) {
  return (listener.has_tls() ? "tls://" : "tcp://") + listener.address();
}

std::string shown(const DatagramReceiver& receiver) { return "udp://" + receiver.address(); }

}  // namespace

towl::Result<std::unique_ptr<SyslogInput>> SyslogInput::start(const SyslogInputConfig& config,
                                                              const InputContext& context, const StreamLimits& limits) {
  const auto address = parse_listen_address(config.listen);
  if (!address) return towl::fail(address.error());
  auto zone = towl::TimeZone::load(config.time_zone);
  if (!zone) return towl::fail(std::move(zone.error()));
  const auto allow = AllowList::parse(config.allow);
  if (!allow) return towl::fail(allow.error());
  std::optional<TlsContext> tls;
  if (address->transport == Transport::tls && !config.tls) {
    return towl::fail(towl::ErrorCode::invalid_argument, config.listen + " needs `tls` with cert and key");
  }
  if (config.tls) {
    auto loaded = TlsContext::load(*config.tls);
    if (!loaded) return towl::fail(std::move(loaded.error()));
    tls = std::move(*loaded);
  }
  auto sockets = open_sockets(*address);
  if (!sockets) return towl::fail(std::move(sockets.error()));
  const std::size_t message_bytes = limits.message_bytes > 0 ? limits.message_bytes : context.max_entry_bytes;
  try {
    auto parts = std::make_unique<Parts>(Parts{.config = config, .context = context});
    for (ListeningSocket& socket : *sockets) {
      if (socket.is_datagram) {
        parts->datagrams.push_back(
            std::make_unique<DatagramReceiver>(parts->loop, std::move(socket), context, *zone, *allow));
      } else {
        parts->streams.push_back(std::make_unique<StreamListener>(
            parts->loop, std::move(socket), context, syslog_sessions(*zone, message_bytes), config.max_connections,
            limits, address->transport == Transport::tcp ? std::nullopt : tls, *allow));
      }
    }
    return std::unique_ptr<SyslogInput>(new SyslogInput(std::move(parts)));
  } catch (const std::exception& error) {  // Boost.Asio: no descriptor left for its own needs.
    return towl::fail(towl::ErrorCode::io, "cannot listen on " + config.listen + ": " + error.what());
  }
}

towl::Result<void> SyslogInput::check(const SyslogInputConfig& config) {
  if (const auto address = parse_listen_address(config.listen); !address) return towl::fail(address.error());
  if (const auto zone = towl::TimeZone::load(config.time_zone); !zone) return towl::fail(zone.error());
  if (!config.tls) return {};
  const auto tls = TlsContext::load(*config.tls);
  return tls ? towl::Result<void>{} : towl::fail(tls.error());
}

SyslogInput::SyslogInput(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {
  for (const auto& stream : parts_->streams) stream->start();
  for (const auto& datagram : parts_->datagrams) datagram->start();
  for (const std::string& address : addresses()) {
    if (parts_->context.log) parts_->context.log->info("{}: listening on {}", parts_->context.name, address);
  }
  thread_ = std::jthread([parts = parts_.get()] { parts->loop->run(); });
}

SyslogInput::~SyslogInput() { stop(); }

void SyslogInput::stop() {
  if (!thread_.joinable()) return;
  asio::post(*parts_->loop, [parts = parts_.get()] {
    for (const auto& stream : parts->streams) stream->stop();
    for (const auto& datagram : parts->datagrams) datagram->stop();
  });
  // The loop ends once nothing waits any more.
  thread_.join();
}

towl::Result<void> SyslogInput::reload() {
  if (!parts_->config.tls) return {};
  auto loaded = TlsContext::load(*parts_->config.tls);
  if (!loaded) return towl::fail(std::move(loaded.error()));
  asio::post(*parts_->loop, [parts = parts_.get(), tls = std::move(*loaded)] {
    for (const auto& stream : parts->streams) {
      if (stream->has_tls()) stream->set_tls(tls);
    }
  });
  return {};
}

std::vector<std::string> SyslogInput::addresses() const {
  std::vector<std::string> all;
  for (const auto& stream : parts_->streams) all.push_back(shown(*stream));
  for (const auto& datagram : parts_->datagrams) all.push_back(shown(*datagram));
  return all;
}

InputStatus SyslogInput::status() const {
  InputStatus status;
  status.listening = addresses();
  const auto total = [&](std::atomic<std::uint64_t> StreamCounters::*counter) {
    std::uint64_t sum = 0;
    for (const auto& stream : parts_->streams) sum += stream->counters().*counter;
    return sum;
  };
  if (!parts_->streams.empty()) {
    status.counts = {
        {"connections", total(&StreamCounters::open)}, {"accepted", total(&StreamCounters::accepted)},
        {"refused", total(&StreamCounters::refused)},  {"not_allowed", total(&StreamCounters::not_allowed)},
        {"evicted", total(&StreamCounters::evicted)},  {"broken_framing", total(&StreamCounters::broken)}};
  }
  if (!parts_->datagrams.empty()) {
    std::uint64_t drops = 0;
    std::uint64_t not_allowed = 0;
    for (const auto& datagram : parts_->datagrams) {
      drops += datagram->kernel_drops();
      not_allowed += datagram->not_allowed();
    }
    status.counts.emplace_back("kernel_drops", drops);
    status.counts.emplace_back("datagrams_not_allowed", not_allowed);
    status.counts.emplace_back("receive_buffer_bytes",
                               static_cast<std::uint64_t>(parts_->datagrams.front()->receive_buffer_bytes()));
  }
  return status;
}

}  // namespace towld
