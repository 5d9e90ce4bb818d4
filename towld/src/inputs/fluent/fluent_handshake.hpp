// FluentHandshake checks that a client knows the shared key, and shows that the collector does
// (https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1.5, "Handshake Messages").
//
//     collector → ["HELO", {"nonce": N, "auth": "", "keepalive": true}]
//     client    → ["PING", HOST, SALT, SHA512(SALT HOST N KEY), "", ""]
//     collector → ["PONG", true, "", NAME, SHA512(SALT NAME N KEY)]
//
// The key itself is never sent; without TLS all else is in the clear. Threads: one at a time.
#pragma once

#include <string>
#include <string_view>

#include "towl/result.hpp"

namespace towld {

class FluentHandshake {
 public:
  /// `name`: what the collector calls itself; fluentd refuses a name that is its own host's.
  FluentHandshake(std::string key, std::string name);

  /// HELO.
  std::string greeting() const;

  /// Takes what the client says to it; appends PONG to `answers`. Errors: invalid_argument, with the reason that the
  /// client is told.
  towl::Result<void> take(std::string_view message, std::string& answers) const;

 private:
  const std::string key_;
  const std::string name_;
  const std::string nonce_;
};

/// The key in `file`, without the space around it. Errors: those of reading; invalid_argument for none, or a file that
/// everybody may read.
towl::Result<std::string> read_shared_key(const std::string& file);

}  // namespace towld
