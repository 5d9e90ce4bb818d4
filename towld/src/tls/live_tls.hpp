// LiveTls is the TLS of doors that stay open while their certificates change: to accept a connection, it is asked for
// the current ones. Connections keep what they were begun with.
//
// A new pair is taken only once it is whole: while a certificate and a key that do not fit are there, as between two
// renames, the earlier ones stay.
// Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "config/tls_config.hpp"
#include "tls/tls_context.hpp"
#include "towl/result.hpp"

namespace towld {

class LiveTls {
 public:
  /// Reads the files. Errors: those of TlsContext::load.
  static towl::Result<std::shared_ptr<LiveTls>> open(const TlsConfig& config);

  /// For open() alone.
  LiveTls(TlsConfig config, TlsPem pem, TlsContext context)
      : config_(std::move(config)), pem_(std::move(pem)), context_(std::move(context)) {}

  /// What is current.
  TlsContext context() const;

  /// The same as PEM, and its number: 1 for the first, one more for each that came after.
  struct Version {
    std::uint64_t number = 0;
    TlsPem pem = {};
  };
  Version version() const;
  std::uint64_t version_number() const;

  /// Reads the files again. Whether they have changed; they are the current ones then. Errors: those of
  /// TlsContext::load: nothing has changed then.
  towl::Result<bool> reload();

  bool asks_for_client_certificates() const { return !config_.client_ca.empty(); }

 private:
  const TlsConfig config_;
  mutable std::mutex mutex_;
  std::uint64_t number_ = 1;
  TlsPem pem_;
  TlsContext context_;
};

}  // namespace towld
