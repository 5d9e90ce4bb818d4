// Doors is what the gRPC and the HTTP side have in common: who may come in, and the certificates that the collector
// shows.
//
// Threads: one, except for what it hands out.
#pragma once

#include <memory>
#include <string>

#include "access/access.hpp"
#include "config/config.hpp"
#include "http/http_guard.hpp"
#include "http/http_stream.hpp"
#include "log/spdlog.hpp"
#include "tls/live_tls.hpp"
#include "towl/result.hpp"

namespace towld {

class Doors {
 public:
  /// Reads tokens and certificates. The store's folder must be there. Errors: those of Access::open and LiveTls::open.
  static towl::Result<Doors> open(const Config& config, const std::shared_ptr<spdlog::logger>& log);

  const std::shared_ptr<Access>& access() const { return access_; }

  /// nullptr: unencrypted.
  const std::shared_ptr<LiveTls>& tls() const { return tls_; }

  /// What makes the streams of HTTP connections; empty: unencrypted.
  HttpStreamFactory http_streams() const;

  HttpGuard http_guard() const;

  /// Reads the certificates again if they have changed. What is wrong is logged, once.
  void refresh_tls();

 private:
  Doors() = default;

  std::shared_ptr<Access> access_;
  std::shared_ptr<LiveTls> tls_;
  std::vector<std::string> host_names_;
  std::shared_ptr<spdlog::logger> log_;
  std::string last_tls_error_;
};

/// The names of this machine: localhost, and as it calls itself.
std::vector<std::string> own_host_names();

/// The name with its domain, as the resolver knows it; "" if it does not. May take as long as that does.
std::string full_host_name();

}  // namespace towld
