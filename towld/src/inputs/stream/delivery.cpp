#include "inputs/stream/delivery.hpp"

#include "limits/limits.hpp"

#include <utility>

namespace towld {
namespace {

/// The same batch may be stored later. `closed` is that of a batch after one that failed.
bool may_pass(towl::ErrorCode code) {
  switch (code) {
    case towl::ErrorCode::no_space:
    case towl::ErrorCode::io:
    case towl::ErrorCode::permission_denied:
    case towl::ErrorCode::closed:
    case towl::ErrorCode::locked:
      return true;
    default:
      return false;
  }
}

}  // namespace

Delivery::Delivery(InputContext context, std::shared_ptr<asio::io_context> loop, bool can_wait,
                   std::function<void()> resumed)
    : context_(std::move(context)),
      loop_(std::move(loop)),
      can_wait_(can_wait),
      resumed_(std::move(resumed)),
      timer_(*loop_) {}

void Delivery::submit(Batch batch) { send(std::move(batch), false); }

void Delivery::send(Batch batch, bool is_probe) {
  batch.read_again = true;
  if (can_wait_) batch.stream = stream_;
  const auto kept = std::make_shared<Batch>(batch);
  batch.done = [self = shared_from_this(), kept, is_probe](const towl::Result<Acknowledgement>& answer) {
    self->answered(*kept, is_probe, answer);
  };
  {
    std::lock_guard lock(mutex_);
    ++in_flight_;
  }
  context_.ingest->submit(std::move(batch));
}

// On the writer's thread.
void Delivery::answered(Batch& batch, bool is_probe, const towl::Result<Acknowledgement>& answer) {
  std::lock_guard lock(mutex_);
  --in_flight_;
  const bool is_over = answer || !can_wait_ || is_stopped_ || !may_pass(answer.error().code);
  if (!answer && is_over) count_lost(batch);
  if (is_over && batch.done) batch.done(answer);
  if (!is_over) {
    unsent_.insert(is_probe ? unsent_.begin() : unsent_.end(), std::move(batch));
    asio::post(*loop_, [self = shared_from_this(), error = answer.error()] { self->block(error); });
  } else if (is_probe) {
    asio::post(*loop_, [self = shared_from_this()] { self->unblock(); });
  }
}

void Delivery::count_lost(const Batch& batch) {
  const std::uint64_t count = batch.entries.size();
  InputCounters& counters = *context_.counters;
  counters.received += count;
  if (can_wait_) {
    counters.rejected += count;
    context_.ingest->count_unstored(count, 0);
  } else {
    counters.dropped += count;
    counters.overflowed += count;
    context_.ingest->count_unstored(0, count);
  }
}

void Delivery::block(const towl::Error& error) {
  if (is_stopped_) return;  // Written by this thread alone.
  if (!is_blocked_ && context_.log) {
    context_.log->warn("{}: cannot store: {}; nothing is read from connections until it is possible again",
                       context_.name, error.to_string());
  }
  is_blocked_ = true;
  wait_to_retry();
}

void Delivery::wait_to_retry() {
  if (std::exchange(is_waiting_, true)) return;
  timer_.expires_after(kDeliveryRetryEvery);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    if (const auto self = weak.lock(); self && !error) self->retry();
  });
}

void Delivery::retry() {
  is_waiting_ = false;
  std::unique_lock lock(mutex_);
  if (unsent_.empty() || is_stopped_) return;
  if (in_flight_ > 0) {  // They fail as well, and belong after what is here.
    lock.unlock();
    return wait_to_retry();
  }
  Batch first = std::move(unsent_.front());
  unsent_.pop_front();
  lock.unlock();
  stream_ = std::make_shared<BatchStream>();
  send(std::move(first), true);
}

void Delivery::unblock() {
  std::deque<Batch> rest;
  {
    std::lock_guard lock(mutex_);
    if (is_stopped_) return;
    rest.swap(unsent_);
  }
  // A probe that will never be stored fails its stream as well.
  stream_ = std::make_shared<BatchStream>();
  for (Batch& batch : rest) send(std::move(batch), false);
  is_blocked_ = false;
  if (context_.log) context_.log->info("{}: storing again", context_.name);
  resumed_();
}

void Delivery::stop() {
  timer_.cancel();
  std::deque<Batch> rest;
  {
    std::lock_guard lock(mutex_);
    is_stopped_ = true;
    rest.swap(unsent_);
  }
  stream_ = std::make_shared<BatchStream>();
  for (Batch& batch : rest) send(std::move(batch), false);
  resumed_ = nullptr;
}

}  // namespace towld
