#include "inputs/file/file_loop.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>

#include "limits/limits.hpp"
#include "towl/time.hpp"

namespace towld {
namespace {

using namespace std::chrono_literals;

std::string canonical_folder(const std::filesystem::path& folder) {
  std::error_code error;
  const auto real = std::filesystem::canonical(folder, error);
  return error ? folder.string() : real.string();
}

}  // namespace

FileLoop::FileLoop(const FileInputConfig& config, InputContext context, FileFinder finder,
                   std::shared_ptr<const JoinRule> join, std::shared_ptr<const PathFields> path_fields,
                   std::shared_ptr<const PodDirectory> pods, std::shared_ptr<Mailbox> mailbox)
    : config_(config),
      context_(std::move(context)),
      settings_{config.fingerprint_bytes,
                config.max_line_bytes > 0 ? config.max_line_bytes : context_.max_entry_bytes,
                config.encoding,
                std::move(join),
                context_.parsers,
                std::move(path_fields),
                context_.max_entry_bytes,
                std::move(pods),
                std::chrono::nanoseconds(config.kubernetes ? config.kubernetes->wait_ns : 0)},
      mailbox_(std::move(mailbox)),
      feeder_(context_, mailbox_, tails_),
      discovery_(config_, std::move(finder), settings_, canonical_folder(context_.ingest->reader().folder()), tails_,
                 feeder_, context_) {}

void FileLoop::restore(const std::vector<towl::SourcePosition>& positions) { discovery_.restore(positions); }

void FileLoop::run() {
  while (take_word()) {
    take_changes();
    const auto now = Clock::now();
    scan_if_due(now);
    fire_timers(now);
    if (!line_.empty() && now >= next_round_ && may_read()) {
      read_next();
    } else {
      wait();
    }
  }
  mailbox_->tell_status(status());
  mailbox_->close();
}

// False if the loop is to end.
bool FileLoop::take_word() {
  Mailbox::Word word = mailbox_->take();
  take_answers(word.answers);
  if (word.room) waits_for_room_ = false;
  if (word.pods) {
    for (const auto& [key, tail] : tails_) {
      if (tail->waits_for_labels()) stand_in_line(*tail);
    }
  }
  if (word.status) mailbox_->tell_status(status());
  return !word.stop;
}

void FileLoop::take_answers(const std::vector<Mailbox::Answer>& answers) {
  for (const Mailbox::Answer& answer : answers) {
    FileTail* tail = tails_.find(answer.file);
    if (tail == nullptr) continue;
    // The first refusal tells why; those after it say that there was one.
    const bool is_first = !answer.error.empty() && !tail->refused;
    if (is_first) trouble(*tail, "cannot be stored, is tried again: " + answer.error);
    switch (feeder_.answered(answer, *tail)) {
      case BatchFeeder::Outcome::stored:
        if (tail->retry_pause > 0ns && tail->in_flight.empty()) {
          tail->retry_pause = 0ns;
          settled(*tail);
        }
        break;
      case BatchFeeder::Outcome::waiting:
        break;
      case BatchFeeder::Outcome::rewound:
        tail->is_finished = false;
        tail->retry_pause =
            std::clamp<std::chrono::nanoseconds>(2 * tail->retry_pause, kFirstFileRetry, kLastFileRetry);
        tail->retry_at = Clock::now() + tail->retry_pause;
        break;
    }
    if (tail->waits_for_answers) {
      tail->waits_for_answers = false;
      stand_in_line(*tail);
    }
    look_after(*tail);
  }
}

void FileLoop::take_changes() {
  FileWatcher::Changes changes;
  watcher_.read(changes);
  scan_wanted_ = scan_wanted_ || changes.folders;
  // A file that many write to has many events.
  std::sort(changes.files.begin(), changes.files.end());
  changes.files.erase(std::unique(changes.files.begin(), changes.files.end()), changes.files.end());
  const bool is_blocked = waits_for_room_ || !feeder_.has_room();
  for (const std::uint64_t key : changes.files) {
    FileTail* tail = tails_.find(key);
    if (tail == nullptr) continue;
    tail->look_again();
    // If it is truncated before it is read, it is known what was lost.
    if (is_blocked || tail->waits_for_answers || tail->after) tail->look_at_size();
    stand_in_line(*tail);
  }
  if (!changes.everything) return;
  for (const auto& [key, tail] : tails_) {
    tail->look_again();
    stand_in_line(*tail);
  }
}

void FileLoop::scan_if_due(Clock::time_point now) {
  const bool full = now >= next_full_scan_;
  if (!full && (!scan_wanted_ || now < next_scan_)) return;
  if (full) {
    for (const auto& [key, tail] : tails_) {
      if (tail->gone_since || !tail->trouble.empty()) tail->look_again();
    }
  }
  scan();
  const auto end = Clock::now();
  next_scan_ = end + std::max<Clock::duration>(kScanPause, 10 * (end - now));
  if (full) next_full_scan_ = end + (cannot_watch_ || discovery_.is_blind() ? kFullScanEveryUnwatched : kFullScanEvery);
}

void FileLoop::scan() {
  const auto changed = discovery_.scan(watcher_);
  // What came into a folder before it was watched is found by another look.
  scan_wanted_ = discovery_.has_new_folders();
  for (const std::uint64_t key : changed) {
    FileTail* tail = tails_.find(key);
    if (tail != nullptr && tail->from_end) start_at_end(*tail);
  }
  for (const auto& [key, tail] : tails_) {
    if (!tail->at_end()) stand_in_line(*tail);
    set_timer(*tail);
  }
}

void FileLoop::fire_timers(Clock::time_point now) {
  while (!timers_.empty() && timers_.begin()->first <= now) {
    const std::uint64_t key = timers_.begin()->second;
    timers_.erase(timers_.begin());
    FileTail* tail = tails_.find(key);
    if (tail == nullptr) continue;
    tail->timer.reset();
    on_timer(*tail, now);
  }
}

void FileLoop::wait() {
  const auto now = Clock::now();
  const bool has_work = !line_.empty();
  const bool is_blocked = has_work && now >= next_round_;
  auto until = next_full_scan_;
  if (scan_wanted_) until = std::min(until, next_scan_);
  if (!timers_.empty()) until = std::min(until, timers_.begin()->first);
  if (has_work) until = std::min(until, is_blocked ? now + kBlockedLook : next_round_);
  if (until <= now) return;
  mailbox_->wake_on_answers(feeder_.is_awaited());
  // If there is work already, what else changes can wait as well: events are gathered until then.
  std::array<pollfd, 2> sources{{{mailbox_->descriptor(), POLLIN, 0}, {watcher_.descriptor(), POLLIN, 0}}};
  const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(until - now).count();
  const timespec timeout{left / towl::kNanosecondsPerSecond, left % towl::kNanosecondsPerSecond};
  ::ppoll(sources.data(), has_work ? 1 : 2, &timeout, nullptr);
}

bool FileLoop::may_read() {
  if (!feeder_.has_room()) {
    feeder_.await();
    return false;
  }
  if (waits_for_room_) return false;
  waits_for_room_ = !context_.ingest->has_room_or([mailbox = mailbox_] { mailbox->tell_room(); });
  return !waits_for_room_;
}

void FileLoop::stand_in_line(FileTail& tail) {
  if (tail.is_ready || tail.is_finished) return;
  tail.is_ready = true;
  line_.push_back(tail.key());
}

void FileLoop::read_next() {
  FileTail* tail = tails_.find(line_.front());
  line_.pop_front();
  if (tail != nullptr) {
    tail->is_ready = false;
    // A tail that is passed over here is put in line again by what it waits for.
    const bool waits = tail->is_finished || tail->refused || tail->retry_at || waits_for_another(*tail);
    if (!waits && waits_for_pod(*tail)) {
      set_timer(*tail);
    } else if (!waits) {
      read(*tail);
    }
  }
  if (!line_.empty()) return;
  next_round_ = Clock::now() + std::min<Clock::duration>(kMaxReadPause, kPausePerSmallRead * small_reads_);
  small_reads_ = 0;
}

// After anything happened to a tail.
void FileLoop::look_after(FileTail& tail) {
  if (tail.is_finished && tail.in_flight.empty() && !tail.refused) return remove(tail);
  if (tail.before) {
    if (is_read(tail)) {
      if (FileTail* next = tails_.find(*tail.before)) stand_in_line(*next);
    } else if (!tail.in_flight.empty()) {
      feeder_.await();
    }
  }
  set_timer(tail);
}

// Nothing of it is still to come into the store.
bool FileLoop::is_read(const FileTail& tail) const {
  if (tail.is_retried() || !tail.in_flight.empty()) return false;
  if (tail.is_finished || !tail.trouble.empty()) return true;
  return tail.at_end() && !tail.has_joined();
}

// True while the tail that had the path before is not read.
bool FileLoop::waits_for_another(FileTail& tail) {
  if (!tail.after) return false;
  FileTail* before = tails_.find(*tail.after);
  if (before != nullptr && !is_read(*before)) {
    if (!before->at_end()) stand_in_line(*before);
    return true;
  }
  if (before != nullptr) before->before.reset();
  tail.after.reset();
  return false;
}

// True while its first entries are to wait for the labels of its pod. Others are read in the meantime.
bool FileLoop::waits_for_pod(FileTail& tail) const {
  return tail.pod() && tail.pod()->waits(*settings_.pods, settings_.pod_wait, Clock::now());
}

void FileLoop::on_timer(FileTail& tail, Clock::time_point now) {
  if (tail.retry_at && *tail.retry_at <= now) {
    tail.retry_at.reset();
    stand_in_line(tail);
  }
  if (tail.retry_at || tail.refused || tail.is_finished || waits_for_another(tail) || waits_for_pod(tail) ||
      !may_read()) {
    return set_timer(tail);
  }
  // Perhaps there is more after all.
  read(tail);
  if (!tail.at_end() && tail.trouble.empty() && tail.is_open()) return set_timer(tail);
  if (tail.has_joined() && tail.joined_at() + std::chrono::nanoseconds(tail.join_timeout_ns()) <= now) {
    const auto received = towl::now();
    tail.flush([&](const Line& line) { feeder_.take(tail, line, received); });
    feeder_.flush(tail);
    feeder_.finish(tail);
  }
  const auto gone_for = tail.gone_since ? now - std::max(*tail.gone_since, tail.grew_at) : Clock::duration{};
  if (tail.gone_since && gone_for >= std::chrono::nanoseconds(config_.rotate_wait_ns)) finish(tail);
  look_after(tail);
}

void FileLoop::set_timer(FileTail& tail) {
  std::optional<Clock::time_point> due = tail.retry_at;
  const auto consider = [&](Clock::time_point time) { due = due ? std::min(*due, time) : time; };
  if (tail.has_joined() && tail.at_end()) {
    consider(tail.joined_at() + std::chrono::nanoseconds(tail.join_timeout_ns()));
  }
  if (tail.waits_for_labels()) consider(*tail.pod()->until());
  if (tail.gone_since && !tail.is_finished) {
    consider(std::max(*tail.gone_since, tail.grew_at) + std::chrono::nanoseconds(config_.rotate_wait_ns));
  }
  // One that is overdue could not be served just now.
  if (const auto now = Clock::now(); due && *due <= now) due = now + kTimerAgain;
  if (tail.timer == due) return;
  if (tail.timer) timers_.erase({*tail.timer, tail.key()});
  tail.timer = due;
  if (due) timers_.insert({*due, tail.key()});
}

}  // namespace towld
