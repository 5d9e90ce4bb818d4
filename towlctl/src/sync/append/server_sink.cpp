#include "sync/append/server_sink.hpp"

#include <chrono>
#include <deque>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "sync/append/append_stream.hpp"
#include "sync/backoff.hpp"
#include "sync/pull_error.hpp"

namespace towlctl {
namespace {

using std::chrono::steady_clock;
using Request = std::unique_ptr<towl::v1::AppendRequest>;

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

void fill(const Batch& batch, towl::v1::AppendRequest& request) {
  request.clear_entries();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const towl::EntryView entry = batch[i];
    towl::v1::Entry& to = *request.add_entries();
    to.set_sender(entry.sender.data(), entry.sender.size());
    // When it was received, the collector says.
    if (const auto time = batch.said_time(i)) to.set_time(*time);
    to.set_log_format(static_cast<towl::v1::LogFormat>(entry.log_format));
    to.set_log_entry(entry.log_entry.data(), entry.log_entry.size());
  }
}

towl::Result<void> refused(const std::string& message) { return towl::fail(towl::ErrorCode::io, message); }

}  // namespace

class ServerSink::Window {
 public:
  Window(const Connection& connection, Durability durability)
      : connection_(connection), durability_(static_cast<towl::v1::Durability>(durability)) {}

  towl::Result<void> append(const Batch& batch) {
    Request request = take_free();
    fill(batch, *request);
    request->set_sequence(++sequence_);
    waiting_.push_back(std::move(request));
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
  Request take_free() {
    if (!free_.empty()) {
      Request request = std::move(free_.back());
      free_.pop_back();
      return request;
    }
    auto request = std::make_unique<towl::v1::AppendRequest>();
    request->set_producer_id(producer_id_);
    request->set_durability(durability_);
    return request;
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
        stream_ = std::make_unique<AppendStream>(connection_.channel());
        sent_ = 0;
      }
      if (sent_ < waiting_.size() && !stream_->writing()) stream_->write(*waiting_[sent_++]);
      if (auto done = take_responses(); !done) return done;
      if (const auto status = stream_->ended()) {
        if (auto done = retry_after(*status); !done) return done;
        continue;
      }
      const bool idle = sent_ == waiting_.size() || stream_->writing();
      if (idle && waiting_.size() <= allowed) return {};
      if (idle && !stream_->wait(kStallTimeout)) return refused("the collector acknowledged nothing for 60 s");
    }
  }

  towl::Result<void> take_responses() {
    // The batch that is being written is not let go of, even if its acknowledgement was faster.
    while (!waiting_.empty() && !(sent_ == 1 && stream_->writing())) {
      const auto response = stream_->take_response();
      if (!response) return {};
      if (sent_ == 0 || response->sequence() != waiting_.front()->sequence()) {
        return refused("the collector acknowledged a batch that was not next");
      }
      note(*response, static_cast<std::uint64_t>(waiting_.front()->entries_size()));
      free_.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
      --sent_;
      backoff_.reset();
    }
    return {};
  }

  void note(const towl::v1::AppendResponse& response, std::uint64_t entries) {
    stored_.entries += entries;
    for (const towl::v1::StoredRange& range : response.ranges()) stored_.add_file(range.file_id());
    const auto level = static_cast<Durability>(response.durability());
    stored_.durability = std::min(stored_.durability, std::max(level, Durability::written));
  }

  towl::Result<void> retry_after(const grpc::Status& status) {
    stream_.reset();
    const bool cut = status.ok() || status.error_code() == grpc::StatusCode::UNAVAILABLE;
    const std::string what = status.ok() ? "the collector ended the stream" : describe(status);
    if (!cut || backoff_.tries() >= kTries) return refused(connection_.server() + ": " + what);
    backoff_.wait({});
    return {};
  }

  Connection connection_;
  towl::v1::Durability durability_;
  const std::string producer_id_ = random_uuid();
  std::uint64_t sequence_ = 0;
  std::deque<Request> waiting_;  // not acknowledged, oldest first
  std::size_t sent_ = 0;         // how many of them went into stream_
  std::vector<Request> free_;
  Backoff backoff_{std::chrono::milliseconds(100), std::chrono::seconds(2)};
  Stored stored_;
  std::optional<towl::Error> given_up_;
  std::unique_ptr<AppendStream> stream_;  // last: it may read waiting_ until it is gone
};

ServerSink::ServerSink(const Connection& connection, Durability durability)
    : window_(std::make_unique<Window>(connection, durability)) {}
ServerSink::~ServerSink() = default;

towl::Result<void> ServerSink::append(const Batch& batch) { return window_->append(batch); }
towl::Result<void> ServerSink::finish() { return window_->finish(); }
const Stored& ServerSink::stored() const { return window_->stored(); }

}  // namespace towlctl
