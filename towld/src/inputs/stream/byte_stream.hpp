// ByteStream reads and writes a connection that does not block, through TLS or not.
//
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "tls/tls_context.hpp"

namespace towld {

class ByteStream {
 public:
  /// Borrows `fd`. With `ssl` it is the handshake's as well; reading does that.
  ByteStream(int fd, Ssl ssl) : fd_(fd), ssl_(std::move(ssl)) {}

  enum class State {
    data,
    wait_to_read,
    wait_to_write,
    end,
    failed,  ///< With `reason`.
  };
  struct Read {
    State state = State::end;
    std::size_t bytes = 0;
    std::string reason = {};
  };

  /// Reads what is there, up to the size of `to`.
  Read read(std::span<char> to);

  /// Writes what can be written now of `bytes`; after wait_to_…, the same bytes are to be written again.
  Read write(std::string_view bytes);

  /// Tells the peer that nothing more is read, if TLS can.
  void shut_down();

 private:
  Read read_tls(std::span<char> to);
  Read outcome(int result, std::size_t bytes);

  int fd_;
  Ssl ssl_;
};

}  // namespace towld
