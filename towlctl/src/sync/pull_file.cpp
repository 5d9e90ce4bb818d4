#include "sync/pull_file.hpp"

#include "collector/backoff.hpp"
#include "towl/seal.hpp"

namespace towlctl {
namespace {

using Kind = PullEvent::Kind;

constexpr auto kStallTimeout = std::chrono::seconds(60);
constexpr int kTries = 5;  // without a byte of progress

/// One Pull from mirror.count() on, to its end.
PullResult<void> pull_once(const SyncContext& context, const RemoteFile& remote, MirrorFile& mirror) {
  PullStart start = {.file_id = remote.file_id(), .count = mirror.count()};
  if (mirror.exists()) {
    auto proof = mirror.proof();
    if (!proof) return pull_fail(proof.error());
    start.proof = *proof;
  }
  const auto stream = context.collector->pull(start);
  bool begun = false;
  bool complete = false;
  for (;;) {
    auto event = stream->next(context.stop, kStallTimeout);
    if (!event) return tl::unexpected(event.error());
    if (event->kind == Kind::nothing) return pull_fail(PullFailure::cut, "the collector sent nothing for 60 s");
    const bool first = event->kind == Kind::file;
    const bool last = event->kind == Kind::end;
    if (first == begun || (last && !complete)) {
      return pull_fail(PullFailure::bad_data, "the collector's stream breaks the protocol");
    }
    if (last) return {};
    if (first) {
      if (event->file.header != remote.header || event->file.index.opened != remote.index.opened) {
        return pull_fail(PullFailure::bad_data, "the collector sent another file than the one it listed");
      }
      if (auto done = mirror.begin(); !done) return pull_fail(done.error());
      begun = true;
      continue;
    }
    complete = event->kind == Kind::reached;
    if (auto done = take_event(context, mirror, *event); !done) return done;
  }
}

/// pull_once, and makes what it left durable.
PullResult<void> pull_and_save(const SyncContext& context, const RemoteFile& remote, MirrorFile& mirror) {
  auto pulled = pull_once(context, remote, mirror);
  const auto saved = mirror.save();
  if (pulled && !saved) return pull_fail(saved.error());
  return pulled;
}

/// What was pulled in other frames than the collector has by now is sealed here: the same entries, the same digest.
/// A mirror that cannot be sealed is as good as before, and the next sync tries again.
PullResult<void> seal_like(const SyncContext& context, const RemoteFile& remote, const MirrorFile& mirror) {
  if (!remote.index.sealed || mirror.sealed()) return {};
  const auto sealed =
      towl::seal(mirror.path(), {.layer = context.layer, .stop = [&] { return context.stop.stop_requested(); }});
  if (!sealed && context.stop.stop_requested()) return pull_fail(PullFailure::stopped, "stopped");
  if (!sealed) return pull_fail(sealed.error());
  return {};
}

PullResult<void> set_aside(const SyncContext& context, MirrorFile& mirror) {
  const auto aside = mirror.set_aside();
  if (!aside) return pull_fail(aside.error());
  ++context.report->totals.diverged;
  context.report->say("DIVERGED: " + mirror.path().string() + " is not a copy of the collector's file: it is now " +
                      aside->filename().string() + ", and the file is pulled afresh");
  return {};
}

}  // namespace

PullError to_pull_error(const towl::Error& error) {
  const bool from_collector = error.code == towl::ErrorCode::corrupt && error.file.empty();
  return {from_collector ? PullFailure::bad_data : PullFailure::local, error.to_string()};
}

PullResult<void> take_event(const SyncContext& context, MirrorFile& mirror, const PullEvent& event) {
  if (event.kind == Kind::reached) {
    if (auto done = mirror.reached(event.file); !done) return tl::unexpected(to_pull_error(done.error()));
    return {};
  }
  if (auto done = mirror.append(event.chunk); !done) return tl::unexpected(to_pull_error(done.error()));
  context.report->received(event.chunk.count, event.chunk.data.size());
  return {};
}

PullResult<void> pull_file(const SyncContext& context, const RemoteFile& remote) {
  auto found = MirrorFile::find(context.folder, remote, *context.layer);
  if (!found) return pull_fail(found.error());
  const std::unique_ptr<MirrorFile> mirror = std::move(*found);
  Backoff backoff(std::chrono::milliseconds(100), std::chrono::seconds(2));
  bool recounted = false;
  bool afresh = !mirror->exists();  // nothing there that could have diverged
  if (mirror->differs()) {
    if (auto done = set_aside(context, *mirror); !done) return done;
    afresh = true;
  }
  for (;;) {
    const std::uint64_t before = mirror->count();
    auto pulled = pull_and_save(context, remote, *mirror);
    if (pulled) return seal_like(context, remote, *mirror);
    if (pulled.error().failure == PullFailure::diverged && !afresh) {
      if (!recounted) {
        // A kill may have left entries that the index page does not know, or half an entry.
        recounted = true;
        if (auto done = mirror->recount(); !done) return pull_fail(done.error());
      } else if (auto done = set_aside(context, *mirror); !done) {
        return done;
      } else {
        afresh = true;
      }
      continue;
    }
    if (pulled.error().failure != PullFailure::cut) return pulled;
    if (mirror->count() != before) backoff.reset();
    if (backoff.tries() >= kTries) return pulled;
    if (!backoff.wait(context.stop)) return pull_fail(PullFailure::stopped, "stopped");
  }
}

}  // namespace towlctl
