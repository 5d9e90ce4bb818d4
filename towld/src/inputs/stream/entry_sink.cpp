#include "inputs/stream/entry_sink.hpp"

#include <utility>

#include "limits/limits.hpp"

namespace towld {

EntrySink::EntrySink(const InputContext& context, std::shared_ptr<asio::io_context> loop, bool can_wait,
                     std::function<void()> resume)
    : loop_(std::move(loop)),
      resume_(std::move(resume)),
      gatherer_(context),
      delivery_(std::make_shared<Delivery>(context, loop_, can_wait, [this] {
        flush();  // What was read when storing failed.
        resume_();
      })) {}

void EntrySink::take() {
  gatherer_.take();
  if (gatherer_.bytes() >= kBatchBytes) {
    flush();
  } else {
    flush_soon();
  }
}

void EntrySink::reject(std::string_view bytes, std::string reason, std::string_view peer) {
  const InputContext& context = gatherer_.context();
  ++context.counters->received;
  ++context.counters->rejected;
  context.ingest->count_unstored(1, 0);
  context.ingest->reject({.reason = std::move(reason),
                          .input = context.name,
                          .source = std::string(peer),
                          .bytes = std::string(bytes.substr(0, kRejectedBytes)),
                          .original_bytes = bytes.size()});
}

void EntrySink::once_stored(Told told) {
  waiting_.push_back(std::move(told));
  flush_soon();
}

bool EntrySink::has_room() {
  if (delivery_->is_blocked() || is_waiting_for_room_) return false;
  // The writer may answer when all of this is gone.
  const std::weak_ptr<asio::io_context> weak = loop_;
  is_waiting_for_room_ = !gatherer_.context().ingest->has_room_or([weak, this] {
    const auto loop = weak.lock();
    if (!loop) return;
    asio::post(*loop, [this] {
      is_waiting_for_room_ = false;
      resume_();
    });
  });
  return !is_waiting_for_room_;
}

// Once all that is ready now was read.
void EntrySink::flush_soon() {
  if (std::exchange(is_flush_posted_, true)) return;
  asio::post(*loop_, [this] {
    is_flush_posted_ = false;
    flush();
  });
}

void EntrySink::flush() {
  if (!delivery_->is_blocked()) submit();
}

void EntrySink::submit() {
  Batch batch = gatherer_.finish();
  if (batch.entries.empty()) {
    std::vector<Told> told = std::exchange(waiting_, {});
    if (!in_flight_.empty()) {
      std::move(told.begin(), told.end(), std::back_inserter(*in_flight_.back()));
      return;
    }
    for (const Told& tell : told) tell(true);
    return;
  }
  if (!waiting_.empty() || !in_flight_.empty()) {
    in_flight_.push_back(std::make_shared<std::vector<Told>>(std::exchange(waiting_, {})));
    batch.done = [weak = std::weak_ptr(loop_), this](const towl::Result<Acknowledgement>& answer) {
      const auto loop = weak.lock();
      if (loop) asio::post(*loop, [this, stored = answer.has_value()] { landed(stored); });
    };
  }
  delivery_->submit(std::move(batch));
}

// The oldest of the batches in flight: they are answered in their order.
void EntrySink::landed(bool stored) {
  const AllTold told = std::move(in_flight_.front());
  in_flight_.pop_front();
  for (const Told& tell : *told) tell(stored);
}

void EntrySink::stop() {
  submit();
  delivery_->stop();
}

}  // namespace towld
