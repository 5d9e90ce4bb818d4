// TlsHttpStream is a connection encrypted by OpenSSL. The handshake is made by the first read() and write().
//
// Threads: one at a time.
#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "http/http_stream.hpp"

namespace towld {

class TlsHttpStream final : public HttpStream {
 public:
  using Ssl = std::unique_ptr<SSL, void (*)(SSL*)>;

  /// `ssl` is the server's side on the descriptor of `socket`, which does not block.
  TlsHttpStream(Socket socket, Ssl ssl);

  Result read(std::span<char> to) override;
  Result write(std::string_view bytes) override;
  void end_output() override;
  bool needs_handshake() const override { return true; }
  Socket& socket() override { return socket_; }

 private:
  Result outcome(int result) const;

  Socket socket_;
  Ssl ssl_;
};

}  // namespace towld
