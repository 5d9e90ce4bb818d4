#include "http/http_stream.hpp"

#include <boost/asio/buffer.hpp>

namespace towld {

HttpStream::Result PlainHttpStream::read(std::span<char> to) {
  boost::system::error_code error;
  const std::size_t bytes = socket_.read_some(boost::asio::buffer(to.data(), to.size()), error);
  if (!error) return {.bytes = bytes};
  return {error == boost::asio::error::would_block ? Wait::readable : Wait::ended};
}

HttpStream::Result PlainHttpStream::write(std::string_view bytes) {
  boost::system::error_code error;
  const std::size_t written = socket_.write_some(boost::asio::buffer(bytes.data(), bytes.size()), error);
  if (!error) return {.bytes = written};
  return {error == boost::asio::error::would_block ? Wait::writable : Wait::ended};
}

void PlainHttpStream::end_output() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

}  // namespace towld
