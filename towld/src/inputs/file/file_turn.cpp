// A file's turn: what FileLoop does with one file.
#include <algorithm>

#include "inputs/file/file_loop.hpp"
#include "towl/time.hpp"

namespace towld {

using namespace std::chrono_literals;

// Reads once, and does what follows from that.
void FileLoop::read(FileTail& tail) {
  if (tail.bytes_in_flight >= kMaxFileBytesInFlight) {
    tail.waits_for_answers = true;
    return feeder_.await();
  }
  if (!open(tail)) return look_after(tail);
  if (tail.from_end) start_at_end(tail);
  const auto seen = tail.read(buffers_);
  if (!seen) {
    tail.close();
    trouble(tail, seen.error().message);
    return look_after(tail);
  }
  switch (*seen) {
    case FileTail::Seen::lines:
      take_lines(tail);
      break;
    case FileTail::Seen::began_again:
      begin_again(tail);
      break;
    case FileTail::Seen::compressed:
      tail.ignored = true;
      trouble(tail, "is compressed (" + std::string(compression_of(buffers_.head)) + ") and not read");
      break;
  }
  look_after(tail);
}

bool FileLoop::open(FileTail& tail) {
  const bool was_open = tail.is_open();
  auto opened = tails_.open(tail, tail.path());
  if (!opened && tail.gone_since) {
    if (const auto renamed = discovery_.find_renamed(tail)) opened = tails_.open(tail, *renamed);
  }
  if (!opened) {
    const bool not_there = opened.error().code == towl::ErrorCode::not_found;
    if (not_there && !tail.gone_since) {
      scan_wanted_ = true;  // It finds out where the file is.
    } else {
      trouble(tail, not_there ? "is gone before it was read to its end" : opened.error().message);
    }
    return false;
  }
  if (!was_open && !watcher_.watch_file(tail.descriptor(), tail.key()) && !cannot_watch_) {
    cannot_watch_ = true;
    context_.log->warn(
        "cannot watch {}: files are looked at every second instead; raise the sysctl fs.inotify.max_user_watches",
        tail.path());
  }
  return true;
}

void FileLoop::take_lines(FileTail& tail) {
  tail.ignored = false;
  if (!tail.retry_at && tail.retry_pause == 0ns) settled(tail);
  const auto received = towl::now();
  const std::uint64_t before = tail.offset();
  tail.take(buffers_, [&](const Line& line) { feeder_.take(tail, line, received); });
  feeder_.finish(tail);
  if (tail.offset() != before) {
    context_.counters->bytes += tail.offset() - before;
    tail.bytes_read += tail.offset() - before;
    tail.grew_at = Clock::now();
  }
  if (!tail.at_end()) return stand_in_line(tail);
  if (tail.offset() != before) ++small_reads_;
}

void FileLoop::begin_again(FileTail& tail) {
  if (!tail.in_flight.empty()) {
    // What is on its way belongs to what the file was before.
    tail.waits_for_answers = true;
    return feeder_.await();
  }
  const auto received = towl::now();
  const std::uint64_t bytes = std::max<std::uint64_t>(tail.bytes_read, 1);
  const std::uint64_t entries = tail.entries;
  tail.flush([&](const Line& line) { feeder_.take(tail, line, received); });
  feeder_.flush(tail);
  const std::uint64_t lost = tail.begin_again();
  feeder_.finish(tail, {tail.stored_offset()});
  context_.log->info("{} begins again{}", tail.path(),
                     lost > 0 ? ": " + std::to_string(lost) + " bytes vanished before they were read" : "");
  if (lost > 0) {
    context_.counters->lost_bytes_in_source += lost;
    // How many entries these were is not known: as many as bytes so far say.
    context_.counters->lost_in_source += std::max<std::uint64_t>(1, lost * entries / bytes);
  }
  stand_in_line(tail);
}

void FileLoop::start_at_end(FileTail& tail) {
  if (!open(tail)) return;
  tail.from_end = false;
  const auto seen = tail.skip_to_end(buffers_);
  if (!seen) return trouble(tail, seen.error().message);
  if (*seen == FileTail::Seen::lines) feeder_.save(tail);
}

// The file is gone for long: what has no line end is taken as it is.
void FileLoop::finish(FileTail& tail) {
  const auto received = towl::now();
  const auto take = [&](const Line& line) { feeder_.take(tail, line, received); };
  const auto taken = tail.take_rest(buffers_, take);
  feeder_.flush(tail);
  feeder_.finish(tail);
  if (taken && !tail.at_end() && tail.is_open()) return stand_in_line(tail);  // It grew just now.
  if (!taken) trouble(tail, taken.error().message);
  tail.is_finished = true;
  if (!tail.in_flight.empty()) feeder_.await();
}

void FileLoop::remove(FileTail& tail) {
  if (FileTail* next = tail.before ? tails_.find(*tail.before) : nullptr) {
    next->after.reset();
    stand_in_line(*next);
  }
  if (tail.timer) timers_.erase({*tail.timer, tail.key()});
  watcher_.forget_file(tail.key());
  discovery_.forget(tail);
  tails_.remove(tail.key());
}

// Said once, until it is settled or something else.
void FileLoop::trouble(FileTail& tail, const std::string& what) {
  if (tail.trouble == what) return;
  if (tail.ignored) {
    context_.log->info("{} {}", tail.path(), what);
  } else {
    context_.log->warn("{}: {}", tail.path(), what);
  }
  tail.trouble = what;
}

void FileLoop::settled(FileTail& tail) {
  if (tail.trouble.empty()) return;
  tail.trouble.clear();
  context_.log->info("{} is read again", tail.path());
}

}  // namespace towld
