#include "inputs/syslog/message_sink.hpp"

#include <string>

#include "parse/syslog_message.hpp"

namespace towld {

MessageSink::MessageSink(const InputContext& context, towl::TimeZone zone, std::shared_ptr<asio::io_context> loop,
                         bool can_wait, std::function<void()> resume)
    : loop_(std::move(loop)),
      zone_(std::move(zone)),
      resume_(std::move(resume)),
      gatherer_(context),
      delivery_(std::make_shared<Delivery>(context, loop_, can_wait, [this] {
        flush();  // What was read when storing failed.
        resume_();
      })) {}

void MessageSink::take(const Frame& frame, towl::Timestamp received, std::string_view peer) {
  const std::string_view message = without_end_mark(frame.message);
  if (message.empty() && !frame.is_cut()) return;
  Draft& draft = gatherer_.draft();
  if (fill_from_syslog(message, received, peer, zone_, draft, &time_cache_) == SyslogForm::unparsed) {
    ++gatherer_.context().counters->parse_failures;
  }
  if (frame.is_cut()) {
    draft.set(field::kOriginalBytes, std::to_string(frame.bytes));
    ++gatherer_.context().counters->cut;
  }
  gatherer_.take();
  if (gatherer_.bytes() >= kBatchBytes) {
    flush();
  } else {
    flush_soon();
  }
}

bool MessageSink::has_room() {
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
void MessageSink::flush_soon() {
  if (std::exchange(is_flush_posted_, true)) return;
  asio::post(*loop_, [this] {
    is_flush_posted_ = false;
    flush();
  });
}

void MessageSink::flush() {
  if (gatherer_.empty() || delivery_->is_blocked()) return;
  delivery_->submit(gatherer_.finish());
}

void MessageSink::stop() {
  if (!gatherer_.empty()) delivery_->submit(gatherer_.finish());
  delivery_->stop();
}

}  // namespace towld
