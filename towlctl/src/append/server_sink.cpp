#include "append/server_sink.hpp"

#include <chrono>
#include <deque>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "collector/backoff.hpp"

namespace towlctl {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kWindow = 8;
constexpr int kTries = 6;  // without an acknowledgement
constexpr auto kStallTimeout = std::chrono::seconds(60);
constexpr auto kEndTimeout = std::chrono::seconds(5);

/// A random UUID (RFC 9562, version 4).
std::string random_uuid() {
  std::random_device random;
  std::string uuid = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
  for (char& digit : uuid) {
    const unsigned value = random() & 0xF;
    if (digit == 'x') digit = "0123456789abcdef"[value];
    if (digit == 'y') digit = "89ab"[value & 3];
  }
  return uuid;
}

towl::Result<void> refused(const std::string& message) { return towl::fail(towl::ErrorCode::io, message); }

}  // namespace

class ServerSink::Window {
 public:
  Window(Collector& collector, Durability durability) : collector_(collector), durability_(durability) {}

  towl::Result<void> append(const Batch& batch) {
    Sent sent = take_free();
    sent.batch = batch;
    sent.sequence = ++sequence_;
    waiting_.push_back(std::move(sent));
    return pump(kWindow - 1);
  }

  towl::Result<void> finish() {
    if (auto done = pump(0); !done) return done;
    if (!stream_) return {};
    // All is acknowledged: how the stream ends does not matter, but let the collector end it in order.
    stream_->end_writing();
    const auto deadline = steady_clock::now() + kEndTimeout;
    while (!stream_->ended() && steady_clock::now() < deadline) stream_->wait(kEndTimeout);
    stream_.reset();
    return {};
  }

  const Stored& stored() const { return stored_; }

 private:
  struct Sent {
    std::uint64_t sequence = 0;
    Batch batch{""};
  };

  Sent take_free() {
    if (free_.empty()) return {};
    Sent sent = std::move(free_.back());
    free_.pop_back();
    return sent;
  }

  /// Sends what can be sent, takes what came; returns once no more than `allowed` batches are unacknowledged.
  towl::Result<void> pump(std::size_t allowed) {
    if (given_up_) return tl::unexpected(*given_up_);
    auto done = pump_until(allowed);
    if (!done) given_up_ = done.error();
    return done;
  }

  towl::Result<void> pump_until(std::size_t allowed) {
    for (;;) {
      if (!stream_) {
        stream_ = collector_.append({.producer_id = producer_id_, .durability = durability_});
        sent_ = 0;
      }
      if (sent_ < waiting_.size() && !stream_->writing()) send(waiting_[sent_++]);
      if (auto done = take_acknowledgements(); !done) return done;
      if (const auto end = stream_->ended()) {
        if (auto done = retry_after(*end); !done) return done;
        continue;
      }
      const bool idle = sent_ == waiting_.size() || stream_->writing();
      if (idle && waiting_.size() <= allowed) return {};
      if (idle && !stream_->wait(kStallTimeout)) return refused("the collector acknowledged nothing for 60 s");
    }
  }

  void send(const Sent& sent) {
    views_.clear();
    for (std::size_t i = 0; i < sent.batch.size(); ++i) views_.push_back(sent.batch[i]);
    stream_->write(sent.sequence, views_);
  }

  towl::Result<void> take_acknowledgements() {
    while (!waiting_.empty()) {
      const auto acknowledgement = stream_->take_acknowledgement();
      if (!acknowledgement) return {};
      if (sent_ == 0 || acknowledgement->sequence != waiting_.front().sequence) {
        return refused("the collector acknowledged a batch that was not next");
      }
      if (auto kept = note(*acknowledgement, waiting_.front().batch.size()); !kept) return kept;
      free_.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
      --sent_;
      backoff_.reset();
    }
    return {};
  }

  // A user that asked for `synced` may delete the original: a lower level must not pass for it.
  towl::Result<void> note(const Acknowledgement& acknowledgement, std::uint64_t entries) {
    const Durability level = std::max(acknowledgement.durability, Durability::written);
    if (durability_ != Durability::unspecified && level < durability_) {
      return refused(collector_.server() + ": the collector stored entries as `" + std::string(name_of(level)) +
                     "`, and not as `" + std::string(name_of(durability_)) + "`, as was asked: they may be lost");
    }
    stored_.entries += entries;
    for (const towl::FileId id : acknowledgement.files) stored_.add_file(id);
    stored_.durability = std::min(stored_.durability, level);
    return {};
  }

  towl::Result<void> retry_after(const AppendEnd& end) {
    stream_.reset();
    if (!end.again || backoff_.tries() >= kTries) return refused(collector_.server() + ": " + end.message);
    backoff_.wait({});
    return {};
  }

  Collector& collector_;
  Durability durability_;
  const std::string producer_id_ = random_uuid();
  std::uint64_t sequence_ = 0;
  std::deque<Sent> waiting_;  // not acknowledged, oldest first
  std::size_t sent_ = 0;      // how many of them went into stream_
  std::vector<Sent> free_;
  std::vector<towl::EntryView> views_;
  Backoff backoff_{std::chrono::milliseconds(100), std::chrono::seconds(2)};
  Stored stored_;
  std::optional<towl::Error> given_up_;
  std::unique_ptr<AppendStream> stream_;
};

ServerSink::ServerSink(std::unique_ptr<Collector> collector, Durability durability)
    : collector_(std::move(collector)), window_(std::make_unique<Window>(*collector_, durability)) {}
ServerSink::~ServerSink() = default;

towl::Result<void> ServerSink::append(const Batch& batch) { return window_->append(batch); }
towl::Result<void> ServerSink::finish() { return window_->finish(); }
const Stored& ServerSink::stored() const { return window_->stored(); }

}  // namespace towlctl
