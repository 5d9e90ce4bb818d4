#include "inputs/stdin/stdin_input.hpp"

#include "limits/limits.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace towld {
namespace {

constexpr int kForEver = -1;

int timeout_of(std::optional<std::chrono::milliseconds> pause) {
  return pause ? static_cast<int>(pause->count()) : kForEver;
}

}  // namespace

towl::Result<std::unique_ptr<StdinInput>> StdinInput::start(InputContext context, Options options) {
  auto wakeup = Wakeup::create();
  if (!wakeup) return towl::fail(std::move(wakeup.error()));
  auto input = std::make_unique<StdinInput>(std::move(context), std::move(options), std::move(*wakeup));
  input->thread_ = std::jthread([self = input.get()] { self->run(); });
  return input;
}

StdinInput::StdinInput(InputContext context, Options options, std::shared_ptr<Wakeup> wakeup)
    : context_(std::move(context)),
      options_(std::move(options)),
      wakeup_(std::move(wakeup)),
      gatherer_(context_),
      submissions_(*context_.ingest, wakeup_),
      lines_(context_.max_entry_bytes),
      buffer_(kStdinReadBytes, '\0') {}

void StdinInput::stop() {
  stopping_ = true;
  wakeup_->wake();
  if (thread_.joinable()) thread_.join();
}

InputStatus StdinInput::status() const {
  InputStatus status;
  status.ended = ended_;
  status.counts = {{"unstored_batches", submissions_.unstored()}};
  status.error = submissions_.error();
  return status;
}

void StdinInput::run() {
  State state = State::reading;
  while (state == State::reading) {
    wakeup_->clear();
    if (stopping_) {
      state = State::stopped;
      break;
    }
    const auto retry_in = submissions_.retry();
    if (!submissions_.may_read()) {
      wakeup_->wait(-1, timeout_of(retry_in));
    } else if (wakeup_->wait(options_.fd, 0)) {
      state = read_some();
    } else {
      // Nothing more for now: what is in hand goes.
      submit();
      wakeup_->wait(options_.fd, timeout_of(retry_in));
    }
  }
  const towl::Timestamp now = towl::now();
  lines_.finish([&](std::string_view text, std::uint64_t line_bytes) { take(text, line_bytes, now); });
  submit();
  if (state == State::ended) drain();
  if (const std::uint64_t lost = submissions_.give_up(); lost > 0) {
    context_.counters->received += lost;
    context_.counters->dropped += lost;
    context_.counters->overflowed += lost;
    context_.ingest->count_unstored(0, lost);
    if (context_.log) context_.log->error("input {}: {} entries could not be stored and are lost", context_.name, lost);
  }
}

StdinInput::State StdinInput::read_some() {
  const ssize_t count = ::read(options_.fd, buffer_.data(), buffer_.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return State::reading;
  if (count < 0 && context_.log) {
    context_.log->error("input {}: {}", context_.name, towl::error_from_errno(errno, "cannot read", "").to_string());
  }
  if (count <= 0) return State::ended;
  const towl::Timestamp now = towl::now();
  context_.counters->bytes += static_cast<std::uint64_t>(count);
  const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(count));
  lines_.add(bytes, [&](std::string_view text, std::uint64_t line_bytes) { take(text, line_bytes, now); });
  return State::reading;
}

void StdinInput::take(std::string_view text, std::uint64_t line_bytes, towl::Timestamp received) {
  Draft& draft = gatherer_.draft();
  draft.text.assign(text);
  draft.received = received;
  if (line_bytes > text.size()) {
    draft.set(field::kOriginalBytes, std::to_string(line_bytes));
    ++context_.counters->cut;
  }
  gatherer_.take();
  if (gatherer_.bytes() >= kBatchBytes) submit();
}

void StdinInput::submit() {
  if (!gatherer_.empty()) submissions_.submit(gatherer_.finish());
}

/// Waits until all is stored, or until it is told to stop.
void StdinInput::drain() {
  for (;;) {
    wakeup_->clear();
    const auto retry_in = submissions_.retry();
    if (stopping_) return;
    if (submissions_.all_stored()) break;
    wakeup_->wait(-1, timeout_of(retry_in));
  }
  ended_ = true;
  if (options_.at_end) options_.at_end();
}

}  // namespace towld
