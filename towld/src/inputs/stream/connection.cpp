#include "inputs/stream/connection.hpp"

#include <utility>

#include "limits/limits.hpp"

namespace towld {

Connection::Connection(ConnectionHost& host, Descriptor socket, Ssl ssl, std::string peer,
                       std::unique_ptr<StreamSession> session)
    : host_(host),
      socket_(*host.loop, socket.get()),
      stream_(socket.get(), std::move(ssl)),
      peer_(std::move(peer)),
      session_(std::move(session)) {
  socket.release();
}

void Connection::start() {
  send(session_->greeting());
  resume();
}

void Connection::resume() {
  if (std::exchange(is_reading_, true)) return;
  asio::post(*host_.loop, [self = shared_from_this()] {
    self->is_reading_ = false;
    self->read();
  });
}

void Connection::wait(ReadyDescriptor::wait_type type) {
  is_reading_ = true;
  socket_.async_wait(type, [self = shared_from_this()](const boost::system::error_code& error) {
    self->is_reading_ = false;
    if (!error) self->read();
  });
}

void Connection::read() {
  for (int i = 0; i < kReadsInARow && !is_ended_; ++i) {
    if (!unsent_.empty()) return;  // write() goes on.
    if (!host_.sink->has_room()) return host_.pause(shared_from_this());
    switch (read_once()) {
      case Next::read:
        break;
      case Next::wait_to_read:
        return wait(ReadyDescriptor::wait_read);
      case Next::wait_to_write:
        return wait(ReadyDescriptor::wait_write);
      case Next::stop:
        return;
    }
  }
  // TLS may hold bytes that the descriptor knows nothing of: reads on instead of waiting.
  if (!is_ended_) resume();
}

Connection::Next Connection::read_once() {
  const ByteStream::Read read = stream_.read(host_.buffer);
  switch (read.state) {
    case ByteStream::State::data:
      take({host_.buffer.data(), read.bytes});
      return is_ended_ ? Next::stop : Next::read;
    case ByteStream::State::wait_to_read:
      return Next::wait_to_read;
    case ByteStream::State::wait_to_write:
      return Next::wait_to_write;
    case ByteStream::State::failed:
      host_.log->warn("the connection from {} ended: {}", peer_, read.reason);
      close();
      return Next::stop;
    case ByteStream::State::end:
      break;
  }
  // Half of it may be left: a client that sends no more still reads its answers.
  end();
  return Next::stop;
}

void Connection::take(std::string_view bytes) {
  last_read_ = Clock::now();
  host_.sink->count_bytes(bytes.size());
  const std::size_t held_before = session_->held_bytes();
  const std::uint64_t messages_before = session_->messages();
  std::string answers;
  const StreamSession::Step step = session_->take(bytes, answers);
  if (session_->messages() != messages_before) unfinished_since_.reset();
  if (session_->is_within_message() && !unfinished_since_) unfinished_since_ = last_read_;
  host_.held_bytes += session_->held_bytes() - held_before;
  if (!answers.empty()) answer(std::move(answers));
  if (step == StreamSession::Step::broken) host_.broken();
  if (step != StreamSession::Step::more) return end();
  if (session_->held_bytes() > held_before) host_.held_more();
}

void Connection::answer(std::string answers) {
  ++unanswered_;
  host_.sink->once_stored([weak = weak_from_this(), answers = std::move(answers)](bool stored) {
    const auto self = weak.lock();
    if (!self || self->is_closed_) return;
    --self->unanswered_;
    if (!stored) return self->close();
    self->send(answers);
    self->close_if_answered();
  });
}

void Connection::send(std::string_view bytes) {
  unsent_ += bytes;
  write();
}

void Connection::write() {
  if (is_waiting_to_write_) return;
  while (!unsent_.empty() && !is_closed_) {
    const ByteStream::Read written = stream_.write(unsent_);
    switch (written.state) {
      case ByteStream::State::data:
        unsent_.erase(0, written.bytes);
        untaken_since_.reset();
        break;
      case ByteStream::State::wait_to_read:
        return wait_to_write(ReadyDescriptor::wait_read);
      case ByteStream::State::wait_to_write:
        return wait_to_write(ReadyDescriptor::wait_write);
      case ByteStream::State::end:
      case ByteStream::State::failed:
        return close();
    }
  }
}

void Connection::wait_to_write(ReadyDescriptor::wait_type type) {
  if (!untaken_since_) untaken_since_ = Clock::now();
  is_waiting_to_write_ = true;
  socket_.async_wait(type, [self = shared_from_this()](const boost::system::error_code& error) {
    self->is_waiting_to_write_ = false;
    if (error || self->is_closed_) return;
    self->write();
    if (self->is_closed_ || !self->unsent_.empty()) return;
    self->close_if_answered();
    if (!self->is_ended_) self->resume();
  });
}

void Connection::drain(Clock::time_point until) {
  while (!is_ended_ && Clock::now() < until && read_once() == Next::read) continue;
  end();
}

// Reads no more; closes once all is answered.
void Connection::end() {
  if (!is_closed_ && !std::exchange(is_ended_, true)) {
    host_.held_bytes -= session_->held_bytes();
    session_->finish();
    host_.held_bytes += session_->held_bytes();
  }
  close_if_answered();
}

void Connection::close_if_answered() {
  if (is_ended_ && unanswered_ == 0 && unsent_.empty()) close();
}

void Connection::close() {
  if (std::exchange(is_closed_, true)) return;
  if (!std::exchange(is_ended_, true)) {
    host_.held_bytes -= session_->held_bytes();
    session_->finish();
    host_.held_bytes += session_->held_bytes();
  }
  host_.held_bytes -= session_->held_bytes();
  stream_.shut_down();
  boost::system::error_code ignored;
  socket_.close(ignored);
  host_.closed(*this);
}

}  // namespace towld
