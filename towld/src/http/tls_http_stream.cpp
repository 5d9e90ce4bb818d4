#include "http/tls_http_stream.hpp"

#include <openssl/err.h>

#include <utility>

namespace towld {

TlsHttpStream::TlsHttpStream(Socket socket, Ssl ssl) : socket_(std::move(socket)), ssl_(std::move(ssl)) {
  // What was not written is given again from where it is then, perhaps with more after it.
  SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

HttpStream::Result TlsHttpStream::outcome(int result) const {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {Wait::readable};
    case SSL_ERROR_WANT_WRITE:
      return {Wait::writable};
    default:
      return {Wait::ended};
  }
}

HttpStream::Result TlsHttpStream::read(std::span<char> to) {
  ERR_clear_error();
  std::size_t bytes = 0;
  const int result = SSL_read_ex(ssl_.get(), to.data(), to.size(), &bytes);
  return result == 1 ? Result{.bytes = bytes} : outcome(result);
}

HttpStream::Result TlsHttpStream::write(std::string_view bytes) {
  ERR_clear_error();
  std::size_t written = 0;
  const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
  return result == 1 ? Result{.bytes = written} : outcome(result);
}

void TlsHttpStream::end_output() {
  if (SSL_is_init_finished(ssl_.get()) == 1) SSL_shutdown(ssl_.get());
  ERR_clear_error();
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

}  // namespace towld
