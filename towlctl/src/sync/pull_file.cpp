#include "sync/pull_file.hpp"

#include <algorithm>
#include <optional>
#include <span>

#include "collector/backoff.hpp"
#include "signature/public_keys.hpp"
#include "towl/seal.hpp"
#include "towl/signed_heads.hpp"

namespace towlctl {
namespace {

using Kind = PullEvent::Kind;

constexpr auto kStallTimeout = std::chrono::seconds(60);
constexpr int kTries = 5;  // without a byte of progress
constexpr std::size_t kMaxProbes = 8;

/// A closed file must have what was announced: a collector that sends more would fill the disk.
class Announced {
 public:
  PullResult<void> take(const PullEvent& event) {
    if (event.kind == Kind::file && !event.file.open) {
      count_ = event.file.index.count;
      // The rest of a frame may come in another frame, which is not packed as well.
      bytes_left_ = 2 * std::min(event.file.size, kMostAnnounced) + kFrameRoom;
    }
    if (event.kind != Kind::chunk || !count_) return {};
    const std::uint64_t first = event.chunk.at.ordinal;
    if (first > *count_ || event.chunk.count > *count_ - first || event.chunk.bytes.size() > bytes_left_) {
      return pull_fail(PullFailure::bad_data,
                       "the collector's stream breaks the protocol: it has more than was announced");
    }
    bytes_left_ -= event.chunk.bytes.size();
    return {};
  }

 private:
  static constexpr std::uint64_t kMostAnnounced = std::uint64_t{1} << 60;
  static constexpr std::uint64_t kFrameRoom = std::uint64_t{32} << 20;

  std::optional<std::uint64_t> count_;
  std::uint64_t bytes_left_ = 0;
};

/// One Pull of what the receiver's copy lacks, to its end.
PullResult<void> pull_once(const SyncContext& context, towl::FeedReceiver& receiver) {
  const auto start = receiver.start();
  if (!start) return pull_fail(start.error());
  const auto stream = context.collector->pull(*start);
  Announced announced;
  for (;;) {
    auto event = stream->next(context.stop, kStallTimeout);
    if (!event) return tl::unexpected(event.error());
    if (event->kind == Kind::nothing) return pull_fail(PullFailure::cut, "the collector sent nothing for 60 s");
    if (event->kind == Kind::end) {
      if (receiver.complete()) return {};
      return pull_fail(PullFailure::bad_data, "the collector's stream breaks the protocol: it ends too early");
    }
    if (auto within = announced.take(*event); !within) return within;
    if (auto done = take_event(context, receiver, *event); !done) return done;
  }
}

/// Calls pull_once and makes the result durable.
PullResult<void> pull_and_save(const SyncContext& context, towl::FeedReceiver& receiver) {
  auto pulled = pull_once(context, receiver);
  const auto saved = receiver.save();
  if (pulled && !saved) return tl::unexpected(to_pull_error(saved.error()));
  return pulled;
}

/// If the collector has sealed the file since it was pulled, it is sealed here too: the same entries, the same digest.
/// A mirror that cannot be sealed is as good as before, and the next sync tries again.
PullResult<void> seal_like(const SyncContext& context, const towl::ServedFile& remote, const towl::FileMirror& mirror) {
  if (!remote.index.sealed || mirror.sealed()) return {};
  const auto sealed = towl::seal(
      mirror.path(), {.layer = &context.mirror->layer(), .stop = [&] { return context.stop.stop_requested(); }});
  if (!sealed && context.stop.stop_requested()) return pull_fail(PullFailure::stopped, "stopped");
  if (!sealed) return pull_fail(sealed.error());
  return {};
}

PullResult<void> set_aside(const SyncContext& context, towl::FileMirror& mirror) {
  const auto aside = mirror.set_aside();
  if (!aside) return pull_fail(aside.error());
  ++context.report->totals.diverged;
  context.report->say("DIVERGED: " + mirror.path().string() + " is not a copy of the collector's file: it is now " +
                      aside->filename().string() + ", and the file is pulled afresh");
  return {};
}

/// Whether the collector has entries again that are lost in the mirror. Only the first few gaps are tried.
PullResult<bool> has_lost_entries(const SyncContext& context, const towl::ServedFile& remote,
                                  towl::FileMirror& mirror) {
  const auto lost = mirror.lost();
  if (!lost) return pull_fail(lost.error());
  for (const towl::LostEntries& gap : std::span(*lost).first(std::min(lost->size(), kMaxProbes))) {
    const auto stream = context.collector->pull(
        {.file_id = remote.file_id(), .count = gap.first, .proof = {}, .store = context.mirror->identity()});
    for (bool begun = false;; begun = true) {
      const auto event = stream->next(context.stop, kStallTimeout);
      if (!event) return tl::unexpected(event.error());
      if (event->kind == Kind::nothing) return pull_fail(PullFailure::cut, "the collector sent nothing for 60 s");
      if (event->kind == Kind::chunk && mirror.heals(event->chunk)) return true;
      if (event->kind != Kind::file || begun) break;
    }
  }
  return false;
}

/// Entries that the collector had lost, or that were given up here, may be there again. Then the file is pulled again,
/// next to the copy, and takes the place of the copy once it is complete.
PullResult<void> heal(const SyncContext& context, const towl::ServedFile& remote, towl::FileMirror& mirror) {
  if (mirror.gaps() <= remote.index.gaps) return {};
  const auto there = has_lost_entries(context, remote, mirror);
  if (!there) return tl::unexpected(there.error());
  if (!*there) return {};
  towl::FeedReceiver beside(*context.mirror);
  if (auto opened = beside.open_beside(remote); !opened) return pull_fail(opened.error());
  if (auto pulled = pull_and_save(context, beside); !pulled) return pulled;
  if (beside.file()->gaps() >= mirror.gaps()) return {};
  if (auto healed = beside.heal(); !healed) return pull_fail(healed.error());
  context.report->say("file " + std::to_string(remote.file_id()) + ": entries that were lost are there again");
  return seal_like(context, remote, *beside.file());
}

/// Whether what was pulled is what the collector's key signed, from the last head that was here before.
PullResult<void> check_signed(const SyncContext& context, const towl::FileMirror& mirror, std::uint64_t before) {
  if (context.keys.empty()) return {};
  const auto heads = towl::check_heads(mirror.path(), {.public_keys = context.keys,
                                                       .check = check_signature,
                                                       .from = before,
                                                       .others = {},
                                                       .layer = &context.mirror->layer()});
  if (!heads) return pull_fail(heads.error());
  for (const towl::Finding& finding : heads->findings) {
    ++context.report->totals.unproved;
    context.report->say("NOT AS SIGNED: " + mirror.path().string() + ": " + finding.what);
  }
  return {};
}

}  // namespace

void tell_gaps(const SyncContext& context, towl::FileMirror& mirror) {
  for (const towl::LostEntries& gap : mirror.take_new_gaps()) {
    context.report->totals.lost_entries += gap.count;
    context.report->say(mirror.path().string() + ": entries " + std::to_string(gap.first) + " to " +
                        std::to_string(gap.first + gap.count - 1) +
                        " are lost at the collector: a gap stands for them until it has them again");
  }
}

PullError to_pull_error(const towl::Error& error) {
  // Another round has to compare what is there already.
  if (error.code == towl::ErrorCode::already_exists && error.file.empty()) return {PullFailure::gone, error.message};
  const bool from_collector = error.code == towl::ErrorCode::corrupt && error.file.empty();
  return {from_collector ? PullFailure::bad_data : PullFailure::local, error.to_string()};
}

PullResult<void> take_event(const SyncContext& context, towl::FeedReceiver& receiver, const PullEvent& event) {
  const auto taken = event.kind == Kind::file      ? receiver.take(towl::FileBegins{event.file})
                     : event.kind == Kind::reached ? receiver.take(towl::FileReached{event.file})
                                                   : receiver.take(event.chunk);
  if (!taken) return tl::unexpected(to_pull_error(taken.error()));
  if (event.kind == Kind::chunk && receiver.file() != nullptr) {
    context.report->received(event.chunk.count, event.chunk.bytes.size());
  }
  return {};
}

PullResult<void> pull_file(const SyncContext& context, const towl::ServedFile& remote) {
  towl::FeedReceiver receiver(*context.mirror);
  if (auto opened = receiver.open(remote); !opened) return pull_fail(opened.error());
  towl::FileMirror& mirror = *receiver.file();
  Backoff backoff(std::chrono::milliseconds(100), std::chrono::seconds(2));
  const std::uint64_t first = mirror.count();
  bool recounted = false;
  bool afresh = !mirror.exists();  // nothing there that could have diverged
  if (mirror.differs()) {
    if (auto done = set_aside(context, mirror); !done) return done;
    afresh = true;
  }
  for (;;) {
    const std::uint64_t before = mirror.count();
    auto pulled = pull_and_save(context, receiver);
    tell_gaps(context, mirror);
    if (pulled) pulled = seal_like(context, remote, mirror);
    if (pulled) pulled = check_signed(context, mirror, first);
    if (pulled) return heal(context, remote, mirror);
    if (pulled.error().failure == PullFailure::diverged && !afresh) {
      if (!recounted) {
        // A kill may have left entries that the index page does not know, or half an entry.
        recounted = true;
        if (auto done = mirror.recount(); !done) return pull_fail(done.error());
      } else if (auto done = set_aside(context, mirror); !done) {
        return done;
      } else {
        afresh = true;
      }
      continue;
    }
    if (pulled.error().failure != PullFailure::cut) return pulled;
    if (mirror.count() != before) backoff.reset();
    if (backoff.tries() >= kTries) return pulled;
    if (!backoff.wait(context.stop)) return pull_fail(PullFailure::stopped, "stopped");
  }
}

}  // namespace towlctl
