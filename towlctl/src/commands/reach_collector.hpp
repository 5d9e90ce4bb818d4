// Which collector a command talks to.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "collector/collector.hpp"
#include "session/interrupt.hpp"
#include "session/session.hpp"

namespace towlctl {

/// The collector of --server (empty: the default one), once it has answered. Errors: those of OpenCollector; io, with
/// what to check.
inline towl::Result<std::unique_ptr<Collector>> reach_collector(const OpenCollector& open_collector,
                                                                const std::string& server,
                                                                const std::stop_token& stop) {
  auto collector = open_collector(server.empty() ? default_server() : server);
  if (!collector) return collector;
  if (auto connected = (*collector)->connect(stop); !connected) {
    return towl::fail(towl::ErrorCode::io, connected.error().message);
  }
  return collector;
}

/// The counts of the collector of --server, and what its inputs and outputs say about themselves. Errors: the same.
inline towl::Result<CollectorStats> ask_stats(const std::string& server, const OpenCollector& open_collector) {
  Interrupt interrupt;
  const auto collector = reach_collector(open_collector, server, interrupt.token());
  if (!collector) return tl::unexpected(collector.error());
  return (*collector)->stats();
}

}  // namespace towlctl
