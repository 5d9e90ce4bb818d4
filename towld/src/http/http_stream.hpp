// HttpStream is one connection's bytes, both ways, without waiting: the caller is told what to wait for.
//
// Threads: one at a time.
#pragma once

#include <utility>
// Boost.Asio after <utility>: g++ 12 needs it for coroutines.
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace towld {

class HttpStream {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  enum class Wait {
    none,      ///< `bytes` were read or written.
    readable,  ///< Nothing was; try again when the socket is readable,
    writable,  ///< or writable.
    ended,     ///< The connection is over.
  };
  struct Result {
    Wait wait = Wait::none;
    std::size_t bytes = 0;
  };

  virtual ~HttpStream() = default;

  virtual Result read(std::span<char> to) = 0;
  virtual Result write(std::string_view bytes) = 0;

  /// The peer must do something before it is heard.
  virtual bool needs_handshake() const { return false; }

  /// Tells the peer that nothing more comes.
  virtual void end_output() = 0;

  virtual Socket& socket() = 0;
};

/// Makes the stream of a new connection; nullptr if that is not possible now.
using HttpStreamFactory = std::function<std::unique_ptr<HttpStream>(HttpStream::Socket)>;

/// Unencrypted.
class PlainHttpStream final : public HttpStream {
 public:
  /// `socket` does not block.
  explicit PlainHttpStream(Socket socket) : socket_(std::move(socket)) {}

  Result read(std::span<char> to) override;
  Result write(std::string_view bytes) override;
  void end_output() override;
  Socket& socket() override { return socket_; }

 private:
  Socket socket_;
};

}  // namespace towld
