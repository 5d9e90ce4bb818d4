#include "inputs/syslog/syslog_session.hpp"

#include <memory>
#include <utility>

#include "inputs/stream/syslog_entries.hpp"
#include "inputs/syslog/framer.hpp"
#include "towl/time.hpp"

namespace towld {
namespace {

class SyslogSession final : public StreamSession {
 public:
  SyslogSession(SessionHost host, std::string peer, std::shared_ptr<SyslogEntries> entries, std::size_t message_bytes)
      : host_(host), peer_(std::move(peer)), entries_(std::move(entries)), framer_(message_bytes) {}

  Step take(std::string_view bytes, std::string&) override {
    const towl::Timestamp received = towl::now();
    Framer::Step step = Framer::Step::more;
    Frame frame;
    while ((step = framer_.next(bytes, frame)) == Framer::Step::frame) take(frame, received);
    if (step != Framer::Step::broken) return Step::more;
    host_.log.warn(
        "closed the connection from {}: its messages are counted, and one does not begin with a count (RFC 6587, "
        "3.4.1); {} bytes are stored as they came: {:.60}",
        peer_, frame.message.size(), frame.message);
    take(frame, received);
    return Step::broken;
  }

  void finish() override {
    if (const auto rest = framer_.finish()) take(*rest, towl::now());
  }

  std::uint64_t messages() const override { return messages_; }
  bool is_within_message() const override { return framer_.is_within_message(); }
  std::size_t held_bytes() const override { return framer_.held_bytes(); }

 private:
  void take(const Frame& frame, towl::Timestamp received) {
    ++messages_;
    entries_->take(frame.message, frame.bytes, received, peer_, host_.sink);
  }

  const SessionHost host_;
  const std::string peer_;
  const std::shared_ptr<SyslogEntries> entries_;  // the listener's
  Framer framer_;
  std::uint64_t messages_ = 0;
};

}  // namespace

MakeSession syslog_sessions(const towl::TimeZone& zone, std::size_t message_bytes) {
  return [entries = std::make_shared<SyslogEntries>(zone), message_bytes](SessionHost host, const std::string& peer) {
    return std::make_unique<SyslogSession>(host, peer, entries, message_bytes);
  };
}

}  // namespace towld
