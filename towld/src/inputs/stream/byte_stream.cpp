#include "inputs/stream/byte_stream.hpp"

#include <openssl/err.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace towld {

ByteStream::Read ByteStream::read(std::span<char> to) {
  if (ssl_) return read_tls(to);
  for (;;) {
    const ssize_t got = recv(fd_, to.data(), to.size(), 0);
    if (got > 0) return {State::data, static_cast<std::size_t>(got)};
    if (got == 0) return {State::end};
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {State::wait_to_read};
    if (errno != EINTR) return {State::failed, 0, std::strerror(errno)};
  }
}

ByteStream::Read ByteStream::read_tls(std::span<char> to) {
  ERR_clear_error();
  std::size_t got = 0;
  const int result = SSL_read_ex(ssl_.get(), to.data(), to.size(), &got);
  return outcome(result, got);
}

ByteStream::Read ByteStream::write(std::string_view bytes) {
  if (ssl_) {
    ERR_clear_error();
    std::size_t written = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
    return outcome(result, written);
  }
  for (;;) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) return {State::data, static_cast<std::size_t>(sent)};
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {State::wait_to_write};
    if (errno != EINTR) return {State::failed, 0, std::strerror(errno)};
  }
}

/// Of SSL_read_ex(3) and SSL_write_ex(3).
ByteStream::Read ByteStream::outcome(int result, std::size_t bytes) {
  if (result == 1) return {State::data, bytes};
  const int error_number = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {State::wait_to_read};
    case SSL_ERROR_WANT_WRITE:
      return {State::wait_to_write};
    case SSL_ERROR_ZERO_RETURN:
      return {State::end};
    case SSL_ERROR_SYSCALL:
      return {State::failed, 0, error_number == 0 ? "the connection ended" : std::strerror(error_number)};
    default:
      return {State::failed, 0, "TLS: " + take_tls_error()};
  }
}

void ByteStream::shut_down() {
  if (ssl_ && SSL_is_init_finished(ssl_.get()) == 1) SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

}  // namespace towld
