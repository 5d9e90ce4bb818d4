#include "outputs/following_output.hpp"

#include <algorithm>
#include <utility>

#include "limits/limits.hpp"
#include "outputs/backlog.hpp"

namespace towld {
namespace {

using namespace std::chrono_literals;

int milliseconds_until(std::chrono::steady_clock::time_point time) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

/// The cursor, if there is one that is whole and of this store.
towl::Result<std::optional<Cursor>> usable_cursor(const DurableCursor& cursor, const OutputContext& context) {
  const auto pass_over = [&](const std::string& why) {
    if (context.log) context.log->warn("output {}: {}; it is passed over", context.name, why);
    return std::optional<Cursor>();
  };
  auto saved = cursor.load();
  if (!saved && saved.error().code == towl::ErrorCode::corrupt) return pass_over(saved.error().to_string());
  if (!saved || !*saved) return saved;
  const auto file = towl::Catalog(context.ingest->reader(), context.ingest->state()).find((*saved)->file_id);
  if (!file) return towl::fail(file.error());
  const bool is_other = *file && (*file)->header.uuid != (*saved)->uuid;
  if (is_other) return pass_over(cursor.path().string() + " is of another store");
  return saved;
}

/// Where to begin: at the cursor, else where the sink says it is, else as the configuration says.
towl::Result<StoreFollower> follower_at(const std::optional<Cursor>& saved, Sink& sink, ReadFrom from, Ingest& ingest) {
  if (saved) return StoreFollower::open_at(ingest, {saved->file_id, saved->ordinal, saved->uuid});
  if (sink.keeps_position()) return StoreFollower::open(ingest, from);
  const auto position = sink.find_position();
  if (!position) return towl::fail(position.error());
  if (*position) return StoreFollower::open_at(ingest, **position);
  return StoreFollower::open(ingest, from);
}

}  // namespace

class FollowingOutput::Listener : public towl::StoreListener {
 public:
  explicit Listener(std::shared_ptr<Wakeup> wakeup) : wakeup_(std::move(wakeup)) {}
  void store_changed() override { wakeup_->wake(); }

 private:
  std::shared_ptr<Wakeup> wakeup_;
};

towl::Result<std::unique_ptr<Output>> FollowingOutput::start(OutputContext context, ReadFrom from,
                                                             std::unique_ptr<Sink> sink) {
  DurableCursor cursor(context.cursor_folder, context.name, *context.layer);
  auto saved = usable_cursor(cursor, context);
  if (!saved) return towl::fail(std::move(saved.error()));
  std::optional<std::string> committed;
  if (*saved) committed = (*saved)->committed;
  if (!sink->keeps_position()) {
    if (auto opened = sink->open(committed); !opened) return towl::fail(std::move(opened.error()));
  }
  auto follower = follower_at(*saved, *sink, from, *context.ingest);
  if (!follower) return towl::fail(std::move(follower.error()));
  auto wakeup = Wakeup::create();
  if (!wakeup) return towl::fail(std::move(wakeup.error()));
  auto output = std::make_unique<FollowingOutput>(std::move(context), std::move(cursor), std::move(*saved),
                                                  std::move(*follower), std::move(sink), std::move(*wakeup));
  output->context_.ingest->state().add(output->listener_);
  output->thread_ = std::jthread([self = output.get()] { self->run(); });
  return output;
}

FollowingOutput::FollowingOutput(OutputContext context, DurableCursor cursor, std::optional<Cursor> saved,
                                 StoreFollower follower, std::unique_ptr<Sink> sink, std::shared_ptr<Wakeup> wakeup)
    : context_(std::move(context)),
      wakeup_(std::move(wakeup)),
      listener_(std::make_shared<Listener>(wakeup_)),
      catalog_(context_.ingest->reader(), context_.ingest->state()),
      cursor_(std::move(cursor)),
      saved_(std::move(saved)),
      follower_(std::move(follower)),
      sink_(std::move(sink)),
      back_off_(kFirstOutputPause, kLongestOutputPause),
      written_(follower_.position()),
      begin_(written_),
      is_lost_(sink_->keeps_position()) {
  status_.file_id = written_.file_id;
  status_.ordinal = written_.ordinal;
}

void FollowingOutput::stop() {
  stopping_ = true;
  wakeup_->wake();
  if (thread_.joinable()) thread_.join();
}

OutputStatus FollowingOutput::status() const {
  OutputStatus status;
  {
    std::lock_guard lock(mutex_);
    status = status_;
    if (status.error.empty()) status.error = commit_error_;
  }
  status.connected = status.error.empty();
  if (const auto files = catalog_.files()) {
    const Backlog backlog = backlog_behind(*files, status.file_id, status.ordinal);
    status.backlog_entries = backlog.entries;
    status.backlog_bytes = backlog.bytes;
  }
  return status;
}

void FollowingOutput::fail(const towl::Error& error) { note(error, status_.error); }

void FollowingOutput::fail_commit(const towl::Error& error) { note(error, commit_error_); }

// Logged once for the same, not every time.
void FollowingOutput::note(const towl::Error& error, std::string& last) {
  const std::string message = error.to_string();
  std::lock_guard lock(mutex_);
  if (message != last && context_.log) context_.log->error("output {}: {}", context_.name, message);
  last = message;
  ++status_.failures;
}

void FollowingOutput::run() {
  // Where it begins is known from now on, even if nothing comes before a crash.
  uncommitted_ = !saved_;
  while (!stopping_) {
    wakeup_->clear();
    if (is_lost_) {
      ask_sink();
      continue;
    }
    const bool good = fill();
    const bool any = added_ > 0;
    if (any && !write()) break;
    if (is_lost_) continue;
    if (uncommitted_ && Clock::now() >= commit_at_ && !commit()) continue;
    // Only if there was nothing: what came while this wrote may have woken it.
    if (!any && !stopping_) rest(good);
  }
  if (uncommitted_ && !is_lost_ && !sink_->is_within()) commit();
}

// Waits for more, for the next commit, or until what could not be read is tried again.
void FollowingOutput::rest(bool good) {
  if (!good) return pause();
  wakeup_->wait(-1, uncommitted_ ? milliseconds_until(commit_at_) : -1);
}

// Reads what fits the buffer. False if something could not be read.
bool FollowingOutput::fill() {
  while (sink_->unwritten_bytes() < sink_->large_enough() && !stopping_) {
    const auto followed = follower_.next();
    if (!followed) {
      fail(followed.error());
      return false;
    }
    if (!*followed) break;
    sink_->add(**followed);
    ++added_;
  }
  added_bytes_ = sink_->unwritten_bytes();
  return true;
}

// Writes what was added to its end, however long that takes. False if this output has come to its end.
bool FollowingOutput::write() {
  for (;;) {
    if (stopping_) return false;
    wakeup_->clear();
    // Not in the middle: a line must not end in another file than it began in.
    const bool in_place = sink_->is_within() || step_into_place();
    const auto written = in_place ? sink_->write() : towl::Result<bool>(false);
    if (written && *written) break;
    if (!in_place) {
      pause();
    } else if (written) {
      if (!stopping_) sink_->wait(*wakeup_);
    } else {
      fail(written.error());
      if (!sink_->can_recover()) return false;
      pause();
      if (sink_->keeps_position()) {
        // It is opened again, and says where to go on.
        is_lost_ = true;
        return true;
      }
    }
  }
  took();
  return true;
}

// What was moved is committed as it is, then the new place as it is before anything is written to it: whenever the
// power fails, the cursor and the one of the two that it names fit. False if that could not be done.
bool FollowingOutput::step_into_place() {
  if (!sink_->has_moved()) return true;
  if (uncommitted_) commit();
  if (auto opened = sink_->reopen(); !opened) {
    fail(opened.error());
    return false;
  }
  uncommitted_ = true;
  commit();
  return true;
}

void FollowingOutput::took() {
  back_off_.progressed();
  written_ = follower_.position();
  uncommitted_ = true;
  std::lock_guard lock(mutex_);
  status_.entries += std::exchange(added_, 0);
  status_.bytes += added_bytes_;
  status_.file_id = written_.file_id;
  status_.ordinal = written_.ordinal;
  status_.refused = sink_->refused();
  status_.missed_files = follower_.missed_files();
  status_.error.clear();
}

// Of all that is written. If the cursor cannot be saved, the one before stays good: it is tried again. False if
// the sink could not commit: there is more to read then.
bool FollowingOutput::commit() {
  commit_at_ = Clock::now() + kOutputCommitEvery;
  auto committed = sink_->commit();
  // From its end on: one that takes longer than that must not be followed by another one at once.
  commit_at_ = Clock::now() + kOutputCommitEvery;
  if (!committed) {
    fail_commit(committed.error());
    begin_anew();
    return false;
  }
  Cursor cursor{written_.file_id, written_.uuid, written_.ordinal, std::move(*committed)};
  if (!saved_ || cursor != *saved_) {
    if (auto saved = cursor_.save(cursor); !saved) {
      fail_commit(saved.error());
      return true;
    }
    saved_ = std::move(cursor);
  }
  uncommitted_ = false;
  begin_ = written_;
  std::lock_guard lock(mutex_);
  commit_error_.clear();
  return true;
}

// From the cursor on: what a failed sync left is not known, and asking again proves nothing.
void FollowingOutput::begin_anew() {
  if (sink_->keeps_position()) {
    is_lost_ = true;
    return;
  }
  if (!saved_ || stopping_) return;
  follower_ = StoreFollower::open_at(*context_.ingest, {saved_->file_id, saved_->ordinal, saved_->uuid});
  written_ = follower_.position();
  added_ = 0;
  uncommitted_ = false;
  // If this fails, it has moved: it is opened again before anything is written.
  if (auto opened = sink_->open(saved_->committed); !opened) fail(opened.error());
}

// Opens a sink that keeps the position, and goes on from there. Fails as often as it must: the program that it writes
// to may not be there.
void FollowingOutput::ask_sink() {
  const auto files = catalog_.files();
  const bool is_new = context_.ingest->state().get().identity.empty();
  if (is_new && files && files->closed->empty() && (!files->open || files->open->index.count == 0)) {
    // The store gets the identity that such sinks know it by with its first entry.
    wakeup_->wait(-1, -1);
    return;
  }
  const auto opened = sink_->open(saved_ ? std::optional(saved_->committed) : std::nullopt);
  const towl::Result<std::optional<StorePosition>> position =
      opened ? sink_->find_position() : towl::fail(opened.error());
  if (!position) {
    fail(position.error());
    pause();
    return;
  }
  is_lost_ = false;
  follower_ = StoreFollower::open_at(*context_.ingest, *position ? **position : begin_);
  written_ = follower_.position();
  added_ = 0;
  uncommitted_ = !saved_;
  std::lock_guard lock(mutex_);
  status_.file_id = written_.file_id;
  status_.ordinal = written_.ordinal;
  status_.error.clear();
  commit_error_.clear();
}

void FollowingOutput::pause() {
  const auto again = Clock::now() + back_off_.next();
  while (!stopping_ && Clock::now() < again) {
    wakeup_->clear();
    if (!stopping_) wakeup_->wait(-1, milliseconds_until(again));
  }
}

}  // namespace towld
