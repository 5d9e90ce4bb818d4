#include "sync/follow.hpp"

#include <chrono>

namespace towlctl {
namespace {

using std::chrono::steady_clock;
using Kind = PullEvent::Kind;

constexpr auto kSyncEvery = std::chrono::seconds(1);

/// Streams into `receiver` until something ends it.
PullError stream_into(towl::FeedReceiver& receiver, const SyncContext& context, const towl::FeedStart& start) {
  const auto stream = context.collector->pull(start);
  auto saved_at = steady_clock::now();
  for (bool first = true;;) {
    const auto event = stream->next(context.stop, kSyncEvery);
    if (!event) return event.error();
    if (event->kind == Kind::end) return {PullFailure::cut, "the collector ended the stream"};
    if (event->kind != Kind::nothing) {
      if (auto taken = take_event(context, receiver, *event); !taken) return taken.error();
      if (receiver.file() != nullptr) tell_gaps(context, *receiver.file());
      if (event->kind == Kind::file && !std::exchange(first, false) && receiver.file() != nullptr) {
        ++context.report->totals.files;
      }
    }
    if (event->kind != Kind::nothing && steady_clock::now() - saved_at < kSyncEvery) continue;
    saved_at = steady_clock::now();
    if (auto saved = receiver.save(); !saved) return to_pull_error(saved.error());
  }
}

}  // namespace

PullError follow(const SyncContext& context, const towl::ServedFile& newest, const std::optional<std::string>& title) {
  towl::FeedReceiver receiver(*context.mirror,
                              [&](const towl::ServedFile& file) { return !title || file.header.title == *title; });
  if (auto opened = receiver.open(newest); !opened) return to_pull_error(opened.error());
  const auto start = receiver.start(true);
  if (!start) return to_pull_error(start.error());
  const PullError ended = stream_into(receiver, context, *start);
  const auto saved = receiver.save();
  return saved ? ended : to_pull_error(saved.error());
}

}  // namespace towlctl
