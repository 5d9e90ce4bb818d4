#include "ingest/ingest.hpp"

#include <algorithm>
#include <future>
#include <iterator>
#include <limits>
#include <utility>

#include "ingest/head_keeper.hpp"
#include "ingest/pushed_files.hpp"
#include "limits/limits.hpp"

namespace towld {
namespace {

using namespace std::chrono_literals;

}  // namespace

towl::Result<std::unique_ptr<Ingest>> Ingest::start(const StoreConfig& config, std::shared_ptr<spdlog::logger> log,
                                                    IngestOptions options) {
  auto writer = towl::StoreWriter::open(config.path, {.org = config.org,
                                                      .title = config.title,
                                                      .file_format = config.file_format,
                                                      .partition = config.partition,
                                                      .max_entry_bytes = towl::kLargestEntryBytes,
                                                      .compress = true,
                                                      .layer = options.layer,
                                                      .closing_head = closing_head(std::move(options.signer), log)});
  if (!writer) return towl::fail(std::move(writer.error()));
  for (const towl::RecoverReport& report : writer->recovered()) {
    if (report.torn_bytes > 0) {
      log->warn("file {}: cut off {} torn bytes, which may have been entries {} to {}, and saved them as {}: {}",
                report.header.file_id, report.torn_bytes, report.index.count - report.burnt_ordinals,
                report.index.count, report.torn_file, report.reason);
    } else {
      log->info("file {}: counted {} entries again", report.header.file_id, report.index.count);
    }
    for (const towl::Finding& damage : report.damage) {
      log->error("file {}: damaged at offset {}, entry {}: {}; `towlctl repair` saves what can be read",
                 report.header.file_id, damage.offset, damage.ordinal.value_or(0), damage.what);
    }
  }
  for (const auto& file : writer->passed_over()) log->error("passed over: {}", file.error.to_string());
  if (const auto listing = writer->reader().list()) {
    for (const auto& file : listing->unreadable) log->error("not served: {}", file.error.to_string());
  }
  // What was recovered may be in memory only: a machine that dies now must not take back what readers were given.
  if (auto synced = writer->sync(); !synced) return towl::fail(std::move(synced.error()));
  if (!options.reached) options.reached = std::make_shared<LimitCounts>();
  auto ingest = std::make_unique<Ingest>(Private{}, std::move(*writer), config, std::move(log), options.layer,
                                         options.limits, std::move(options.reached));
  if (options.hold_all) ingest->committer_.writer().keep_from(0);
  ingest->state_.publish(ingest->committer_.writer());
  ingest->thread_ = std::jthread([self = ingest.get()] { self->write(); });
  return ingest;
}

Ingest::Ingest(Private, towl::StoreWriter writer, const StoreConfig& config, std::shared_ptr<spdlog::logger> log,
               towl::FileLayer* layer, const Limits& limits, std::shared_ptr<LimitCounts> reached)
    : max_queued_bytes_(limits[Limit::queue_bytes]),
      reached_(std::move(reached)),
      log_(std::move(log)),
      committer_(std::move(writer), config.file_format, counters_, log_, limits, reached_),
      reader_(committer_.writer().reader()),
      dead_letters_(config.path, layer, log_),
      retain_(config.retain) {
  std::vector<std::string> pushed;
  for (const towl::SourcePosition& position : committer_.writer().positions()) {
    if (const auto store = store_of_source(position.source)) pushed.emplace_back(*store);
  }
  upstreams_.add(pushed);
}

Ingest::~Ingest() {
  if (auto stopped = stop(); !stopped) log_->error("cannot close the store: {}", stopped.error().to_string());
}

void Ingest::submit(Batch batch) {
  if (!batch.read_again) {
    counters_.received += batch.entries.size();
    if (batch.input) batch.input->received += batch.entries.size();
  }
  {
    std::lock_guard lock(mutex_);
    if (!stopping_) {
      queued_bytes_ += batch.bytes;
      queue_.push_back(std::move(batch));
      work_.notify_one();
      return;
    }
  }
  refuse(batch, counters_);
  if (batch.done) batch.done(towl::fail(towl::ErrorCode::closed, "the collector is stopping"));
}

bool Ingest::has_room_or(std::function<void()> resume) {
  std::lock_guard lock(mutex_);
  if (has_room()) return true;
  reached_->add(Limit::queue_bytes);
  waiting_for_room_.push_back(std::move(resume));
  return false;
}

void Ingest::hold(const std::string& holder, std::optional<Hold> hold) {
  towl::FileId keep_from = std::numeric_limits<towl::FileId>::max();
  std::vector<std::function<void()>> resumed;
  {
    std::lock_guard lock(mutex_);
    if (hold) {
      holds_[holder] = *hold;
    } else {
      holds_.erase(holder);
    }
    std::uint64_t waiting = 0;
    for (const auto& [name, held] : holds_) {
      keep_from = std::min(keep_from, held.keep_from);
      waiting = std::max(waiting, held.waiting_bytes);
    }
    const bool was_full = full_;
    full_ = retain_.max_bytes && waiting > *retain_.max_bytes;
    if (full_ && !was_full) log_->warn("the store holds all it may until it is forwarded: inputs wait");
    if (!full_ && was_full) log_->info("there is room again: inputs go on");
    if (has_room()) resumed.swap(waiting_for_room_);
    if (keep_from_ == keep_from && resumed.empty()) return;
    keep_from_ = keep_from;
  }
  ask([keep_from, resumed](towl::StoreWriter& writer) -> std::function<void()> {
    writer.keep_from(keep_from);
    return [resumed] {
      for (const auto& resume : resumed) resume();
    };
  });
}

void Ingest::make_durable(std::function<void()> done) {
  {
    std::lock_guard lock(mutex_);
    if (!stopping_) {
      durable_.push_back(std::move(done));
      work_.notify_one();
      return;
    }
  }
  done();
}

bool Ingest::run(Task task) { return queue_task({std::move(task), true}); }

bool Ingest::ask(Task task) { return queue_task({std::move(task), false}); }

bool Ingest::queue_task(QueuedTask task) {
  std::lock_guard lock(mutex_);
  if (stopping_) return false;
  tasks_.push_back(std::move(task));
  work_.notify_one();
  return true;
}

void Ingest::reject(DeadLetter letter) {
  letter.original_bytes = std::max<std::uint64_t>(letter.original_bytes, letter.bytes.size());
  letter.bytes.resize(std::min(letter.bytes.size(), kRejectedBytes));
  const std::size_t bytes = letter.bytes.size();
  if (rejected_in_flight_ + bytes > kRejectedInFlightBytes) return;
  rejected_in_flight_ += bytes;
  ask([this, bytes, letter = std::move(letter)](towl::StoreWriter&) -> std::function<void()> {
    dead_letters_.add(letter);
    rejected_in_flight_ -= bytes;
    return [] {};
  });
}

std::vector<towl::SourcePosition> Ingest::positions() {
  std::promise<void> stored;
  Batch nothing;
  nothing.durability = Durability::written;
  nothing.done = [&](const towl::Result<Acknowledgement>&) { stored.set_value(); };
  submit(std::move(nothing));  // Batches are answered in their order.
  stored.get_future().wait();
  std::promise<std::vector<towl::SourcePosition>> positions;
  const bool taken = ask([&](towl::StoreWriter& writer) -> std::function<void()> {
    return [&, known = writer.positions()]() mutable { positions.set_value(std::move(known)); };
  });
  return taken ? positions.get_future().get() : std::vector<towl::SourcePosition>{};
}

void Ingest::count_unstored(std::uint64_t rejected, std::uint64_t dropped) {
  counters_.received += rejected + dropped;
  counters_.rejected += rejected;
  counters_.dropped += dropped;
}

std::size_t Ingest::queued_bytes() const {
  std::lock_guard lock(mutex_);
  return queued_bytes_;
}

towl::Result<void> Ingest::stop() {
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return {};
    stopping_ = true;
    work_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  dead_letters_.close();
  return committer_.writer().close();
}

Ingest::Clock::duration Ingest::sync_interval() const {
  return state_.listeners() > 0 ? Clock::duration(kSyncIntervalFollowed) : Clock::duration(kSyncInterval);
}

Ingest::Work Ingest::wait_for_work(Clock::time_point until) {
  std::unique_lock lock(mutex_);
  work_.wait_until(lock, until, [&] { return !queue_.empty() || !tasks_.empty() || !durable_.empty() || stopping_; });
  Work work;
  std::size_t bytes = 0;
  while (!queue_.empty() && bytes < kMaxGroupBytes) {
    bytes += queue_.front().bytes;
    work.batches.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  work.tasks.swap(tasks_);
  work.durable.swap(durable_);
  work.last = stopping_ && queue_.empty();
  return work;
}

void Ingest::write() {
  for (bool last = false; !last;) {
    const auto next_sync = committer_.unsynced() ? last_sync_ + sync_interval() : Clock::time_point::max();
    Work work = wait_for_work(std::min(next_sync, last_tick_ + kStoreTick));
    last = work.last;
    commit(work);
    run_tasks(work.tasks);
    if (Clock::now() - last_tick_ >= kStoreTick) tick();
  }
}

void Ingest::commit(Work& work) {
  const bool due = committer_.unsynced() && Clock::now() - last_sync_ >= sync_interval();
  const auto answers = committer_.commit(work.batches, due || (!work.durable.empty() && committer_.unsynced()));
  // A sync that failed is not tried again at once either.
  if (due || !committer_.unsynced()) last_sync_ = Clock::now();
  // Readers must find what is acknowledged.
  state_.publish(committer_.writer());
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    bytes += work.batches[i].bytes;
    if (!answers[i]) {
      log_->warn("refused a batch of {} entries: {}", work.batches[i].entries.size(), answers[i].error().to_string());
    }
    const bool failed = !answers[i] && (answers[i].error().code == towl::ErrorCode::no_space ||
                                        answers[i].error().code == towl::ErrorCode::io);
    if (answers[i] || failed) counters_.last_failure_ns = failed ? towl::now() : 0;
    if (work.batches[i].done) work.batches[i].done(answers[i]);
  }
  work.batches.clear();
  for (const auto& done : work.durable) done();
  release(bytes);
}

void Ingest::run_tasks(std::span<const QueuedTask> tasks) {
  if (tasks.empty()) return;
  std::vector<std::function<void()>> answers;
  bool files_changed = false;
  for (const QueuedTask& queued : tasks) {
    answers.push_back(queued.task(committer_.writer()));
    files_changed |= queued.changes_files;
  }
  state_.publish(committer_.writer(), files_changed);
  for (const auto& answer : answers) answer();
}

void Ingest::release(std::size_t bytes) {
  std::vector<std::function<void()>> resumed;
  {
    std::lock_guard lock(mutex_);
    queued_bytes_ -= bytes;
    if (has_room()) resumed.swap(waiting_for_room_);
  }
  for (const auto& resume : resumed) resume();
}

void Ingest::tick() {
  last_tick_ = Clock::now();
  if (auto rolled = committer_.writer().roll_if_due(); !rolled) {
    log_->error("cannot close the file whose time is over: {}", rolled.error().to_string());
  }
  if (auto done = committer_.writer().tick(); !done) {
    log_->error("cannot bring the index page up to date: {}", done.error().to_string());
  }
  if (retain_.max_age_ns) tell_clock_gap();
  bool files_changed = false;
  const bool wanted = retain_.max_age_ns || retain_.max_bytes || retain_.keep_free_bytes || retain_.keep_free_percent;
  if (wanted && Clock::now() - last_retain_ >= kRetainEvery) {
    last_retain_ = Clock::now();
    const auto removed = committer_.writer().retain(retain_);
    if (!removed) log_->error("retention failed: {}", removed.error().to_string());
    if (removed && !removed->empty()) {
      log_->info("retention removed {} files, {} to {}", removed->size(), removed->front().file_id,
                 removed->back().file_id);
      files_changed = true;
    }
  }
  state_.publish(committer_.writer(), files_changed);
}

void Ingest::tell_clock_gap() {
  const auto gap = committer_.writer().clock_gap_ns();
  if (!gap) {
    if (told_clock_gap_) log_->info("the system's clock is believed again: store.retain.max_age goes by it");
    told_clock_gap_.reset();
    return;
  }
  if (told_clock_gap_ && Clock::now() - *told_clock_gap_ < kTellClockGapEvery) return;
  told_clock_gap_ = Clock::now();
  constexpr std::int64_t kHourNs = 3600 * towl::kNanosecondsPerSecond;
  log_->warn(
      "the system's clock is {} hours {} the time that was seen to pass: store.retain.max_age does not go by it until "
      "both agree for an hour; if the clock is right: towlctl retain --confirm-clock",
      (*gap < 0 ? -(*gap / kHourNs) : *gap / kHourNs), *gap < 0 ? "behind" : "ahead of");
}

}  // namespace towld
