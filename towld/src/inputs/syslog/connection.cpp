#include "inputs/syslog/connection.hpp"

#include "limits/limits.hpp"
#include "towl/time.hpp"

namespace towld {
Connection::Connection(ConnectionHost& host, Descriptor socket, Ssl ssl, std::string peer)
    : host_(host),
      socket_(*host.loop, socket.get()),
      stream_(socket.get(), std::move(ssl)),
      peer_(std::move(peer)),
      framer_(host.message_bytes) {
  socket.release();
}

void Connection::resume() {
  asio::post(*host_.loop, [self = shared_from_this()] { self->read(); });
}

void Connection::wait(ReadyDescriptor::wait_type type) {
  socket_.async_wait(type, [self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->read();
  });
}

void Connection::read() {
  for (int i = 0; i < kReadsInARow && !is_closed_; ++i) {
    if (!host_.sink->has_room()) return host_.pause(shared_from_this());
    switch (read_once()) {
      case Next::read:
        break;
      case Next::wait_to_read:
        return wait(ReadyDescriptor::wait_read);
      case Next::wait_to_write:
        return wait(ReadyDescriptor::wait_write);
      case Next::closed:
        return;
    }
  }
  // TLS may hold bytes that the descriptor knows nothing of: reads on instead of waiting.
  if (!is_closed_) resume();
}

Connection::Next Connection::read_once() {
  const ByteStream::Read read = stream_.read(host_.buffer);
  switch (read.state) {
    case ByteStream::State::data:
      take({host_.buffer.data(), read.bytes});
      return is_closed_ ? Next::closed : Next::read;
    case ByteStream::State::wait_to_read:
      return Next::wait_to_read;
    case ByteStream::State::wait_to_write:
      return Next::wait_to_write;
    case ByteStream::State::failed:
      host_.log->warn("the connection from {} ended: {}", peer_, read.reason);
      break;
    case ByteStream::State::end:
      break;
  }
  close();
  return Next::closed;
}

void Connection::take(std::string_view bytes) {
  last_read_ = Clock::now();
  host_.sink->count_bytes(bytes.size());
  const towl::Timestamp received = towl::now();
  const std::size_t held_before = framer_.held_bytes();
  Framer::Step step = Framer::Step::more;
  Frame frame;
  while ((step = framer_.next(bytes, frame)) == Framer::Step::frame) {
    had_message_ = true;
    unfinished_since_.reset();
    host_.sink->take(frame, received, peer_);
  }
  if (step == Framer::Step::broken) {
    host_.log->warn(
        "closed the connection from {}: its messages are counted, and one does not begin with a count (RFC 6587, "
        "3.4.1); {} bytes are stored as they came: {:.60}",
        peer_, frame.message.size(), frame.message);
    host_.sink->take(frame, received, peer_);
    host_.broken();
  }
  if (framer_.is_within_message() && !unfinished_since_) unfinished_since_ = last_read_;
  host_.held_bytes += framer_.held_bytes() - held_before;
  if (step == Framer::Step::broken) return close();
  if (framer_.held_bytes() > held_before) host_.held_more();
}

void Connection::drain(Clock::time_point until) {
  while (!is_closed_ && Clock::now() < until && read_once() == Next::read) continue;
  close();
}

void Connection::close() {
  if (std::exchange(is_closed_, true)) return;
  if (const auto rest = framer_.finish()) host_.sink->take(*rest, towl::now(), peer_);
  host_.held_bytes -= framer_.held_bytes();
  stream_.shut_down();
  boost::system::error_code ignored;
  socket_.close(ignored);
  host_.closed(*this);
}

}  // namespace towld
