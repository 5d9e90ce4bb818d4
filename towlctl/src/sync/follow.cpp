#include "sync/follow.hpp"

#include <chrono>

namespace towlctl {
namespace {

using std::chrono::steady_clock;
using Kind = PullEvent::Kind;

constexpr auto kSyncEvery = std::chrono::seconds(1);

/// The file that the stream is in, while it is one to mirror.
class Follower {
 public:
  Follower(const SyncContext& context, const std::optional<std::string>& title) : context_(context), title_(title) {}

  PullResult<void> take(const PullEvent& event) {
    switch (event.kind) {
      case Kind::nothing:
        return save();
      case Kind::end:
        return pull_fail(PullFailure::cut, "the collector ended the stream");
      case Kind::file:
        return begin(event.file);
      default:
        break;
    }
    if (!begun_) return pull_fail(PullFailure::bad_data, "the collector's stream breaks the protocol");
    if (!mirror_) return {};
    if (auto taken = take_event(context_, *mirror_, event); !taken) return taken;
    return steady_clock::now() - saved_ < kSyncEvery ? PullResult<void>() : save();
  }

  PullResult<void> save() {
    saved_ = steady_clock::now();
    if (!mirror_) return {};
    if (auto done = mirror_->save(); !done) return tl::unexpected(to_pull_error(done.error()));
    return {};
  }

  /// The stream was asked to begin here.
  void expect(std::unique_ptr<MirrorFile> mirror, const RemoteFile& file) {
    mirror_ = std::move(mirror);
    expected_ = file;
  }

 private:
  PullResult<void> begin(const RemoteFile& file) {
    if (begun_ ? file.file_id() <= file_id_
               : file.header != expected_.header || file.index.opened != expected_.index.opened) {
      return pull_fail(PullFailure::bad_data, "the collector's stream went on with the wrong file");
    }
    file_id_ = file.file_id();
    if (begun_) {
      if (auto saved = save(); !saved) return saved;
      mirror_.reset();
      if (title_ && file.header.title != *title_) return {};
      auto mirror = MirrorFile::find(context_.folder, file, *context_.layer);
      if (!mirror) return pull_fail(mirror.error());
      // The stream begins at entry 0: a round has to compare what is there already.
      if ((*mirror)->exists()) return pull_fail(PullFailure::gone, "the mirror has this file already");
      mirror_ = std::move(*mirror);
      ++context_.report->totals.files;
    }
    begun_ = true;
    if (auto done = mirror_->begin(); !done) return pull_fail(done.error());
    return {};
  }

  const SyncContext& context_;
  const std::optional<std::string>& title_;
  RemoteFile expected_;
  std::unique_ptr<MirrorFile> mirror_;
  towl::FileId file_id_ = 0;
  bool begun_ = false;
  steady_clock::time_point saved_ = steady_clock::now();
};

PullError stream_into(Follower& follower, const SyncContext& context, const PullStart& start) {
  const auto stream = context.collector->pull(start);
  for (;;) {
    auto event = stream->next(context.stop, kSyncEvery);
    if (!event) return event.error();
    if (auto taken = follower.take(*event); !taken) return taken.error();
  }
}

}  // namespace

PullError follow(const SyncContext& context, const RemoteFile& newest, const std::optional<std::string>& title) {
  auto mirror = MirrorFile::find(context.folder, newest, *context.layer);
  if (!mirror) return to_pull_error(mirror.error());
  PullStart start = {.file_id = newest.file_id(), .count = (*mirror)->count(), .follow = true};
  if ((*mirror)->exists()) {
    auto proof = (*mirror)->proof();
    if (!proof) return to_pull_error(proof.error());
    start.proof = *proof;
  }
  Follower follower(context, title);
  follower.expect(std::move(*mirror), newest);
  const PullError ended = stream_into(follower, context, start);
  const auto saved = follower.save();
  return saved ? ended : saved.error();
}

}  // namespace towlctl
