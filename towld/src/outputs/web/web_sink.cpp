#include "outputs/web/web_sink.hpp"

#include <zlib.h>

#include <algorithm>
#include <iterator>
#include <limits>

#include "limits/limits.hpp"
#include "outputs/following_output.hpp"

namespace towld {
namespace {

constexpr const char* kTakesAny = "takes";

/// gzip (RFC 1952). nullopt if zlib cannot: the text is sent as it is then.
std::optional<std::string> gzip(const std::string& text) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;
  if (deflateInit2(&stream, 1, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) return std::nullopt;
  std::string packed(deflateBound(&stream, text.size()) + 32, '\0');
  std::string source = text;  // zlib's type is not const
  stream.next_in = reinterpret_cast<Bytef*>(source.data());
  stream.avail_in = static_cast<uInt>(source.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int done = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return done == Z_STREAM_END ? std::optional(std::move(packed)) : std::nullopt;
}

/// What a server said, as a part of a line.
std::string beginning_of(std::string_view text) {
  std::string line(text.substr(0, kWebReasonBytes));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return line;
}

}  // namespace

WebVerdict judge_status(const towl::web::Response& response) {
  WebVerdict verdict;
  const long status = response.status;
  if (status >= 200 && status < 300) return verdict;
  verdict.all = status == 400 || status == 413 || status == 422 ? Fate::refused : Fate::again;
  verdict.reason = "the server answers " + std::to_string(status);
  if (status >= 300 && status < 400) {
    verdict.reason += ", leading to " + beginning_of(response.header("location")) + ": that is not followed";
  }
  if (!response.body.empty()) verdict.reason += ": " + beginning_of(response.body);
  return verdict;
}

WebSink::WebSink(WebConfig config, std::unique_ptr<WebProtocol> protocol, std::string name,
                 std::shared_ptr<spdlog::logger> log)
    : config_(std::move(config)), name_(std::move(name)), log_(std::move(log)), protocol_(std::move(protocol)) {
  limit_ = std::numeric_limits<std::size_t>::max();
}

towl::Result<void> WebSink::open(const std::optional<std::string>& committed) {
  waiting_.clear();
  in_flight_ = 0;
  suspects_.clear();
  bytes_ = 0;
  takes_any_ = takes_any_ || (committed && *committed == kTakesAny);
  client_.reset();
  return {};
}

void WebSink::add(const FollowedEntry& followed) {
  record_.set(followed.entry);
  WebEntry& entry = waiting_.emplace_back();
  entry.place = place_of(followed);
  entry.time = followed.entry.time();
  entry.file_id = followed.file_id;
  entry.ordinal = followed.ordinal;
  protocol_->encode(followed, record_, entry);
  bytes_ += entry.text.size() + kWebEntryOverheadBytes;
}

tl::unexpected<towl::Error> WebSink::fail_and_read_secrets(towl::Error error) {
  client_.reset();
  error.message = config_.url + ": " + error.message;
  return towl::fail(std::move(error));
}

towl::Result<bool> WebSink::write() {
  for (;;) {
    if (waiting_.empty()) {
      if (auto passed = pass_over_refused(); !passed) return towl::fail(std::move(passed.error()));
      bytes_ = 0;
      return true;
    }
    if (!client_ || !client_->is_busy()) {
      if (auto started = start(); !started) return fail_and_read_secrets(std::move(started.error()));
    }
    auto answer = client_->step();
    if (!answer) return fail_and_read_secrets(std::move(answer.error()));
    if (!*answer) return false;
    if (auto taken = take(protocol_->judge(**answer, {waiting_.data(), in_flight_})); !taken) {
      return fail_and_read_secrets(std::move(taken.error()));
    }
  }
}

void WebSink::wait(Wakeup& wakeup) {
  if (client_ && client_->is_busy()) client_->wait(wakeup.fd(), std::chrono::seconds(1));
}

/// How many of those that wait go into the next request.
std::size_t WebSink::next_count() const {
  std::size_t count = 1;
  std::size_t bytes = waiting_.front().text.size();
  while (count < waiting_.size() && count < limit_ && bytes < kWebBatchBytes &&
         protocol_->goes_with(waiting_[count - 1], waiting_[count])) {
    bytes += waiting_[count++].text.size();
  }
  return count;
}

towl::Result<void> WebSink::start() {
  if (!client_) {
    auto identity = read_identity(config_);
    if (!identity) return towl::fail(std::move(identity.error()));
    authorization_ = std::move(identity->authorization);
    client_.emplace(identity->security, towl::web::ClientLimits{.connect_time = kWebConnectTime,
                                                                .stall_time = kWebStallTime,
                                                                .whole_time = kWebWholeTime,
                                                                .max_answer_bytes = kWebAnswerBytes});
  }
  in_flight_ = next_count();
  auto request = protocol_->request({waiting_.data(), in_flight_});
  request.url = config_.url + request.url;
  if (!authorization_.empty()) request.headers.emplace_back("Authorization", authorization_);
  if (config_.gzip) {
    if (auto packed = gzip(request.body)) {
      request.body = std::move(*packed);
      request.headers.emplace_back("Content-Encoding", "gzip");
    }
  }
  return client_->start(std::move(request));
}

/// The request is answered: those that are done with do not wait any more.
towl::Result<void> WebSink::take(const WebVerdict& verdict) {
  const bool is_known = verdict.each.size() == in_flight_;
  if (!is_known && verdict.all == Fate::again) return towl::fail(towl::ErrorCode::io, verdict.reason);
  if (!is_known && verdict.all == Fate::refused && in_flight_ > 1) {
    limit_ = in_flight_ / 2;
    return {};
  }
  std::vector<WebEntry> again;
  for (std::size_t i = 0; i < in_flight_; ++i) settle(i, is_known ? verdict.each[i] : verdict.all, verdict, again);
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(in_flight_));
  const bool any_again = !again.empty();
  waiting_.insert(waiting_.begin(), std::make_move_iterator(again.begin()), std::make_move_iterator(again.end()));
  in_flight_ = 0;
  // What was refused may have been the only one.
  if (limit_ < std::numeric_limits<std::size_t>::max() / 2) limit_ *= 2;
  if (any_again) return towl::fail(towl::ErrorCode::io, verdict.reason);
  return {};
}

void WebSink::settle(std::size_t index, Fate fate, const WebVerdict& verdict, std::vector<WebEntry>& again) {
  switch (fate) {
    case Fate::taken:
      takes_any_ = true;
      break;
    case Fate::again:
      again.push_back(std::move(waiting_[index]));
      break;
    case Fate::refused:
      suspects_.push_back({std::move(waiting_[index]), verdict.reason});
      break;
  }
}

/// All others are there. Those that were refused are passed over, unless nothing was ever taken.
towl::Result<void> WebSink::pass_over_refused() {
  if (suspects_.empty()) return {};
  if (!takes_any_) {
    const std::string reason = suspects_.front().reason;
    for (Refused& suspect : suspects_) waiting_.push_back(std::move(suspect.entry));
    suspects_.clear();
    return towl::fail(towl::ErrorCode::io, config_.url + ": " + reason + "; it has not taken any entry yet");
  }
  for (const Refused& suspect : suspects_) {
    if (log_) log_->error("output {}: entry {} is passed over: {}", name_, suspect.entry.place, suspect.reason);
  }
  refused_ += suspects_.size();
  suspects_.clear();
  return {};
}

towl::Result<std::string> WebSink::commit() { return takes_any_ ? kTakesAny : ""; }

towl::Result<std::unique_ptr<Output>> start_web_output(const WebConfig& config, std::unique_ptr<WebProtocol> protocol,
                                                       OutputContext context) {
  // What is wrong with the files is told now; they are read again after each failure.
  if (auto good = read_identity(config); !good) return towl::fail(std::move(good.error()));
  auto sink = std::make_unique<WebSink>(config, std::move(protocol), context.name, context.log);
  return FollowingOutput::start(std::move(context), config.from, std::move(sink));
}

}  // namespace towld
