#include "inputs/journald/journald_input.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "limits/limits.hpp"

namespace towld {
namespace {

using namespace std::chrono_literals;

/// The journal, and which of its entries: that is what a cursor belongs to, whatever the input is called.
std::string source_of(const JournaldInputConfig& config) {
  std::vector<std::string> units = config.units;
  std::sort(units.begin(), units.end());
  std::string source = "journald/" + config.directory;
  for (const std::string& unit : units) source += "?" + unit;
  return source;
}

int milliseconds(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

}  // namespace

towl::Result<std::unique_ptr<JournaldInput>> JournaldInput::start(const JournaldInputConfig& config,
                                                                  InputContext context,
                                                                  std::span<const towl::SourcePosition> restored) {
  // Of this thread, to tell what is wrong; the input's thread opens its own.
  if (auto journal = Journal::open(config.directory, config.units); !journal) {
    return towl::fail(std::move(journal.error()));
  }
  const std::string source = source_of(config);
  if (const std::string owner = context.claims->claim(source, context.name); owner != context.name) {
    return towl::fail(towl::ErrorCode::already_exists, "input " + owner + " reads the same journal and units already");
  }
  auto wakeup = Wakeup::create();
  if (!wakeup) return towl::fail(std::move(wakeup.error()));
  std::optional<std::string> cursor;
  for (const towl::SourcePosition& position : restored) {
    if (position.source == source) cursor = position.position;
  }
  auto input = std::make_unique<JournaldInput>(config, std::move(context), std::move(*wakeup), std::move(cursor));
  input->thread_ = std::jthread([self = input.get()] { self->run(); });
  return input;
}

JournaldInput::JournaldInput(const JournaldInputConfig& config, InputContext context, std::shared_ptr<Wakeup> wakeup,
                             std::optional<std::string> cursor)
    : config_(config),
      context_(std::move(context)),
      source_(source_of(config_)),
      wakeup_(std::move(wakeup)),
      gatherer_(context_),
      submissions_(*context_.ingest, wakeup_),
      cursor_(std::move(cursor)) {}

JournaldInput::~JournaldInput() {
  stop();
  context_.claims->release(source_, context_.name);
}

void JournaldInput::stop() {
  stopping_ = true;
  wakeup_->wake();
  if (thread_.joinable()) thread_.join();
}

InputStatus JournaldInput::status() const {
  std::lock_guard lock(mutex_);
  InputStatus status;
  status.cursor = shown_cursor_;
  status.counts = {{"unstored_batches", submissions_.unstored()}};
  status.error = submissions_.error();
  if (status.error->empty()) status.error = error_;
  return status;
}

void JournaldInput::fail(const towl::Error& error) {
  const std::string message = error.to_string();
  std::lock_guard lock(mutex_);
  // Once for the same, not every few seconds.
  if (message != error_ && context_.log) context_.log->error("input {}: {}", context_.name, message);
  error_ = message;
}

void JournaldInput::run() {
  while (!stopping_) {
    auto journal = Journal::open(config_.directory, config_.units);
    const auto sought = journal ? seek(*journal) : towl::Result<void>(tl::unexpected(journal.error()));
    if (sought) {
      follow(*journal);
    } else {
      fail(sought.error());
    }
    const auto again = std::chrono::steady_clock::now() + kJournalReopenAfter;
    while (!stopping_ && std::chrono::steady_clock::now() < again) {
      wakeup_->clear();
      const auto pause = submissions_.retry().value_or(kJournalReopenAfter);
      if (!stopping_) wakeup_->wait(-1, milliseconds(std::min<std::chrono::milliseconds>(pause, kJournalReopenAfter)));
    }
  }
}

// To where this input has read, or to where it is to begin.
towl::Result<void> JournaldInput::seek(Journal& journal) {
  if (!cursor_) {
    if (config_.read_from == ReadFrom::beginning) return journal.seek_head();
    auto last = journal.seek_tail();
    if (!last) return towl::fail(std::move(last.error()));
    cursor_ = std::move(*last);
    return {};
  }
  const auto found = journal.seek_behind(*cursor_);
  if (!found) return towl::fail(found.error());
  if (!*found) gone_from_ = cursor_;
  return {};
}

// Until it is told to stop or the journal fails.
void JournaldInput::follow(Journal& journal) {
  while (!stopping_) {
    wakeup_->clear();
    const auto retry_in = submissions_.retry();
    bool more = false;
    const bool may_read = submissions_.may_read();
    if (may_read) {
      const auto gathered = gather(journal);
      submit();
      if (!gathered) return fail(gathered.error());
      more = *gathered;
    }
    if (more || stopping_) continue;
    const auto pause = std::min<std::chrono::milliseconds>(retry_in.value_or(kJournalLookEvery), kJournalLookEvery);
    wakeup_->wait(may_read ? journal.fd() : -1, milliseconds(pause));
    journal.process();
  }
}

/// Takes entries for one batch; whether there may be more.
towl::Result<bool> JournaldInput::gather(Journal& journal) {
  while (gatherer_.bytes() < kBatchBytes) {
    const auto there = journal.next();
    if (!there) return towl::fail(there.error());
    if (!*there) return false;
    take(journal);
    if (stopping_) return false;
  }
  return true;
}

void JournaldInput::take(Journal& journal) {
  Draft& draft = gatherer_.draft();
  draft.received = towl::now();
  const auto read = journal.read(draft);
  auto cursor = journal.cursor();
  if (gone_from_ && cursor) {
    // With units, nobody knows how many of those between were meant.
    const auto lost = config_.units.empty() ? entries_between(*gone_from_, *cursor) : std::nullopt;
    if (lost) context_.counters->lost_in_source += *lost;
    if (context_.log && lost != 0) {
      context_.log->warn(
          "input {}: the journal no longer has the entry that was read last; {} entries after it are gone",
          context_.name, lost ? std::to_string(*lost) : "some");
    }
    gone_from_.reset();
  }
  if (cursor) cursor_ = std::move(*cursor);
  if (!read) {
    // As journalctl, which passes over it as well.
    ++context_.counters->lost_in_source;
    return fail(read.error());
  }
  context_.counters->bytes += draft.text.size();
  gatherer_.take();
}

void JournaldInput::submit() {
  if (gatherer_.empty()) return;
  submissions_.submit(gatherer_.finish({{source_, *cursor_}}));
  std::lock_guard lock(mutex_);
  shown_cursor_ = *cursor_;
  error_.clear();
}

}  // namespace towld
