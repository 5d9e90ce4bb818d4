#include "inputs/fluent/fluent_session.hpp"

#include <optional>
#include <utility>

#include "inputs/fluent/fluent_handshake.hpp"
#include "inputs/fluent/message_pack.hpp"
#include "limits/limits.hpp"
#include "parse/gunzip.hpp"
#include "towl/record/members.hpp"
#include "towl/record/time_zone.hpp"
#include "towl/time.hpp"

namespace towld {
namespace {

using Kind = MessagePackReader::Kind;

constexpr std::string_view kTag = "tag";
constexpr char kNil = '\xc0';

/// What is read with, one for all connections of a listener.
struct Reading {
  MessagePackReader value;
  MessagePackScanner skipper;
  const towl::TimeZone zone = towl::TimeZone::local();
};

/// A message except for its entries.
struct Option {
  std::string chunk;
  std::string compressed;
  bool is_logs = true;  // Fluent Bit also sends metrics and traces.
};

class FluentSession final : public StreamSession {
 public:
  FluentSession(SessionHost host, std::string peer, const FluentSettings& settings, std::shared_ptr<Reading> reading)
      : host_(host), peer_(std::move(peer)), message_bytes_(settings.message_bytes), reading_(std::move(reading)) {
    if (!settings.shared_key.empty()) handshake_.emplace(settings.shared_key, "towld@" + host.sink.context().sender);
  }

  std::string greeting() override { return handshake_ ? handshake_->greeting() : std::string(); }

  Step take(std::string_view bytes, std::string& answers) override {
    if (!held_.empty()) held_ += bytes;
    std::string_view rest = held_.empty() ? bytes : std::string_view(held_);
    Step step = Step::more;
    while (!rest.empty() && step == Step::more) {
      if (rest.front() == kNil) {  // A heartbeat.
        rest.remove_prefix(1);
        continue;
      }
      std::size_t end = 0;
      const auto scanned = scanner_.scan(rest, end);
      if (scanned == MessagePackScanner::Step::broken) return broken(rest, "not MessagePack");
      const bool is_whole = scanned == MessagePackScanner::Step::whole;
      if ((is_whole ? end : rest.size()) > message_bytes_) {
        return broken(rest, "a message has more than " + std::to_string(message_bytes_) + " bytes (max_message_bytes)");
      }
      if (!is_whole) break;
      step = take_message(rest.substr(0, end), answers);
      rest.remove_prefix(end);
    }
    if (step != Step::more) rest = {};
    keep(rest);
    return step;
  }

  // What is not whole was not answered: it is sent again. Without answers, it would be no entry either.
  void finish() override {
    if (!held_.empty()) host_.sink.reject(held_, "the connection ended within a message", peer_);
    held_ = {};
  }

  std::uint64_t messages() const override { return messages_; }
  bool is_within_message() const override { return !held_.empty(); }
  std::size_t held_bytes() const override { return held_.capacity() > sizeof(std::string) ? held_.capacity() : 0; }

 private:
  void keep(std::string_view rest) {
    if (rest.empty()) {
      held_ = {};
    } else if (held_.empty()) {
      held_.assign(rest);
    } else {
      held_.erase(0, held_.size() - rest.size());
    }
  }

  Step broken(std::string_view bytes, const std::string& why) {
    host_.log.warn("closed the connection from {}: {}", peer_, why);
    host_.sink.reject(bytes, why, peer_);
    held_ = {};
    return Step::broken;
  }

  Step take_message(std::string_view message, std::string& answers) {
    if (handshake_) {
      const auto done = handshake_->take(message, answers);
      if (!done) {
        host_.log.warn("closed the connection from {}: {}", peer_, done.error().message);
        return Step::broken;
      }
      handshake_.reset();
      return Step::more;
    }
    std::size_t at = 0;
    const auto elements = read_array_header(message, at);
    if (!elements || *elements < 2 || !read_tag(message, at)) {
      return broken(message, "a message of Fluent forward is [TAG, …]: is it another protocol?");
    }
    ++messages_;
    // What is before the entries is taken, if the option after them has not been read yet.
    const std::size_t entries = at;
    const bool is_list = read_array_header(message, at).has_value();
    at = entries;
    if (!skip(message, at)) return broken(message, "not a message of Fluent forward");
    const bool is_packed = !is_list && is_text(message[entries]);
    std::uint32_t left = *elements - 2;
    if (!is_list && !is_packed) {  // The record.
      if (left == 0 || !skip(message, at)) return broken(message, "a message has no record");
      --left;
    }
    const Option option = left > 0 ? read_option(message, at) : Option();
    if (!option.is_logs) {
      host_.sink.reject(message, "metrics and traces are not logs", peer_);
    } else if (is_list) {
      take_list(message, entries);
    } else if (is_packed) {
      if (!take_packed(message, entries, option)) return broken(message, why_);
    } else {
      std::size_t from = entries;
      if (!take_pair(message, from)) host_.sink.reject(message, "not an entry", peer_);
    }
    if (!option.chunk.empty()) {
      append_packed_map(1, answers);
      append_packed_text("ack", answers);
      append_packed_text(option.chunk, answers);
    }
    return Step::more;
  }

  static bool is_text(char first) {
    const auto byte = static_cast<unsigned char>(first);
    return (byte >= 0xA0 && byte <= 0xBF) || (byte >= 0xC4 && byte <= 0xC6) || (byte >= 0xD9 && byte <= 0xDB);
  }

  bool read_tag(std::string_view message, std::size_t& at) {
    if (!reading_->value.read(message, at) || reading_->value.kind() != Kind::text) return false;
    tag_ = reading_->value.text();
    return true;
  }

  bool skip(std::string_view bytes, std::size_t& at) {
    std::size_t end = 0;
    switch (reading_->skipper.scan(bytes.substr(at), end)) {
      case MessagePackScanner::Step::whole:
        at += end;
        return true;
      default:
        reading_->skipper = MessagePackScanner();
        return false;
    }
  }

  Option read_option(std::string_view message, std::size_t at) {
    Option option;
    if (!reading_->value.read(message, at)) return option;
    for (const towl::JsonMember& member : reading_->value.members()) {
      if (member.name == "chunk" && member.kind == towl::JsonKind::string) option.chunk = member.text;
      if (member.name == "compressed" && member.kind == towl::JsonKind::string) option.compressed = member.text;
      if (member.name == "fluent_signal") option.is_logs = member.text == "0";
    }
    return option;
  }

  void take_list(std::string_view message, std::size_t at) {
    const auto count = read_array_header(message, at);
    bad_ = 0;
    for (std::uint32_t i = 0; i < *count && take_entry(message, at, i); ++i) continue;
  }

  // False, with `why_`, for what cannot be unpacked.
  bool take_packed(std::string_view message, std::size_t at, const Option& option) {
    if (!reading_->value.read(message, at)) return false;
    std::string unpacked;
    std::string_view entries = reading_->value.text();
    if (option.compressed == "gzip") {
      auto text = gunzip(entries, message_bytes_ * kFluentUnpackedTimes);
      if (!text) {
        why_ = "cannot unpack: " + text.error().message;
        return false;
      }
      unpacked = std::move(*text);
      entries = unpacked;
    } else if (!option.compressed.empty() && option.compressed != "text") {
      why_ = "entries compressed by " + option.compressed + ": gzip alone is known";
      return false;
    }
    std::size_t from = 0;
    bad_ = 0;
    for (std::size_t i = 0; from < entries.size() && take_entry(entries, from, i); ++i) continue;
    return true;
  }

  // [TIME, RECORD], or Fluent Bit's [[TIME, METADATA], RECORD]; the `number`th. `at` is after it then. False if no other
  // can be taken.
  bool take_entry(std::string_view bytes, std::size_t& at, std::size_t number) {
    const std::size_t begin = at;
    std::size_t end = at;
    const bool is_enough = number >= kMaxFluentEntries || bad_ >= kMaxBadFluentEntries;
    if (is_enough || !skip(bytes, end)) {
      host_.sink.reject(bytes.substr(begin),
                        is_enough ? "a message has too many entries, or bad ones: the rest of them"
                                  : "not an entry, nor what comes after it",
                        peer_);
      return false;
    }
    const auto elements = read_array_header(bytes, at);
    if (!elements || *elements < 2 || !take_pair(bytes.substr(0, end), at)) {
      ++bad_;
      host_.sink.reject(bytes.substr(begin, end - begin), "not an entry: [TIME, RECORD]", peer_);
    }
    at = end;
    return true;
  }

  // TIME and RECORD.
  bool take_pair(std::string_view bytes, std::size_t& at) {
    std::size_t after_time = at;
    if (const auto inner = read_array_header(bytes, at)) {
      if (*inner == 0 || !skip(bytes, after_time)) return false;
    }
    if (!reading_->value.read(bytes, at)) return false;
    const auto time = reading_->value.time();
    if (after_time > at) at = after_time;
    if (!reading_->value.read(bytes, at)) return false;
    Draft& draft = host_.sink.draft();
    draft.sender = peer_;
    draft.received = towl::now();
    draft.may_lack_message = true;
    if (reading_->value.kind() == Kind::map) {
      towl::put_members(reading_->value.members(), true, reading_->zone, draft);
    } else {
      draft.text.assign(reading_->value.text());
    }
    if (time && *time != 0) {
      draft.time = *time;
      draft.is_time_unreadable = false;
    }
    if (!tag_.empty() && draft.find(kTag) == nullptr) draft.set(kTag, tag_);
    host_.sink.take();
    return true;
  }

  const SessionHost host_;
  const std::string peer_;
  const std::size_t message_bytes_;
  const std::shared_ptr<Reading> reading_;
  std::optional<FluentHandshake> handshake_;  // Until it is done.
  MessagePackScanner scanner_;
  std::string held_;  // Of a message that is not whole.
  std::string tag_;
  std::string why_;
  std::size_t bad_ = 0;  // Entries of the message.
  std::uint64_t messages_ = 0;
};

}  // namespace

MakeSession fluent_sessions(FluentSettings settings) {
  return [settings = std::move(settings), reading = std::make_shared<Reading>()](SessionHost host,
                                                                                 const std::string& peer) {
    return std::make_unique<FluentSession>(host, peer, settings, reading);
  };
}

}  // namespace towld
