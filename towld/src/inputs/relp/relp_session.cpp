#include "inputs/relp/relp_session.hpp"

#include <memory>
#include <utility>

#include "inputs/relp/relp_framer.hpp"
#include "inputs/stream/syslog_entries.hpp"
#include "towl/time.hpp"

namespace towld {
namespace {

constexpr std::string_view kOffers = "200 OK\nrelp_version=0\nrelp_software=towl\ncommands=syslog";

void append_response(std::string_view transaction, std::string_view data, std::string& to) {
  to += transaction;
  to += " rsp ";
  to += std::to_string(data.size());
  if (!data.empty()) to += ' ';
  to += data;
  to += '\n';
}

class RelpSession final : public StreamSession {
 public:
  RelpSession(SessionHost host, std::string peer, std::shared_ptr<SyslogEntries> entries, std::size_t message_bytes)
      : host_(host), peer_(std::move(peer)), entries_(std::move(entries)), framer_(message_bytes) {}

  Step take(std::string_view bytes, std::string& answers) override {
    RelpFrame frame;
    for (;;) {
      switch (framer_.next(bytes, frame)) {
        case RelpFramer::Step::more:
          return Step::more;
        case RelpFramer::Step::frame:
          if (const Step step = take(frame, answers); step != Step::more) return step;
          break;
        case RelpFramer::Step::broken:
          host_.log.warn("closed the connection from {}: it does not speak RELP: {:.60}", peer_, bytes);
          host_.sink.reject(bytes, "not RELP", peer_);
          return Step::broken;
      }
    }
  }

  // What is not whole was not answered: it is sent again.
  void finish() override {}

  std::uint64_t messages() const override { return messages_; }
  bool is_within_message() const override { return framer_.is_within_frame(); }
  std::size_t held_bytes() const override { return framer_.held_bytes(); }

 private:
  Step take(const RelpFrame& frame, std::string& answers) {
    ++messages_;
    if (frame.command == "syslog" && is_open_) {
      entries_->take(frame.data, frame.data_bytes, towl::now(), peer_, host_.sink);
      append_response(frame.transaction, "200 OK", answers);
      return Step::more;
    }
    if (frame.command == "open") {
      is_open_ = true;
      append_response(frame.transaction, kOffers, answers);
      return Step::more;
    }
    if (frame.command == "close") {
      append_response(frame.transaction, "", answers);
      answers += "0 serverclose 0\n";
      return Step::end;
    }
    append_response(frame.transaction, is_open_ ? "500 the command is not known" : "500 open comes first", answers);
    return is_open_ ? Step::more : Step::broken;
  }

  const SessionHost host_;
  const std::string peer_;
  const std::shared_ptr<SyslogEntries> entries_;  // the listener's
  RelpFramer framer_;
  bool is_open_ = false;
  std::uint64_t messages_ = 0;
};

}  // namespace

MakeSession relp_sessions(const towl::TimeZone& zone, std::size_t message_bytes) {
  return [entries = std::make_shared<SyslogEntries>(zone), message_bytes](SessionHost host, const std::string& peer) {
    return std::make_unique<RelpSession>(host, peer, entries, message_bytes);
  };
}

}  // namespace towld
