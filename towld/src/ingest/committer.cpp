#include "ingest/committer.hpp"

#include <algorithm>
#include <chrono>

#include "limits/limits.hpp"

namespace towld {
namespace {

/// Nobody counts that far.
constexpr std::uint64_t kMaxSequence = std::uint64_t{1} << 62;

std::size_t text_bytes(const Batch& batch) {
  std::size_t bytes = 0;
  for (const auto& entry : batch.entries) bytes += entry.sender.size() + entry.log_entry.size();
  return bytes;
}

towl::Result<void> check_sizes(std::span<const towl::EntryView> entries) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::size_t bytes = entries[i].sender.size() + entries[i].log_entry.size();
    if (bytes <= towl::kMaxEntryBytes) continue;
    return towl::fail(towl::ErrorCode::entry_too_large, "entry " + std::to_string(i) + " of the batch has " +
                                                            std::to_string(bytes) + " bytes; the limit is " +
                                                            std::to_string(towl::kMaxEntryBytes));
  }
  return {};
}

/// The part of `range` from `skip` on, `count` entries.
towl::StoredRange part(const towl::StoredRange& range, std::uint64_t skip, std::uint64_t count) {
  return {range.file_id, range.first + skip, count};
}

/// The first loss that takes any of `ranges`, or nullptr.
const towl::Loss* find_loss(std::span<const towl::StoredRange> ranges, std::span<const towl::Loss> losses) {
  for (const towl::Loss& loss : losses) {
    for (const towl::StoredRange& range : ranges) {
      if (range.file_id == loss.range.file_id && range.first < loss.range.first + loss.range.count &&
          loss.range.first < range.first + range.count) {
        return &loss;
      }
    }
  }
  return nullptr;
}

}  // namespace

std::vector<towl::StoredRange> follow_moves(std::vector<towl::StoredRange> ranges, std::span<const towl::Move> moves) {
  for (const towl::Move& move : moves) {
    std::vector<towl::StoredRange> after;
    for (const towl::StoredRange& range : ranges) {
      const auto begin = std::max(range.first, move.from.first);
      const auto end = std::min(range.first + range.count, move.from.first + move.from.count);
      if (range.file_id != move.from.file_id || begin >= end) {
        after.push_back(range);
        continue;
      }
      const auto add = [&](towl::StoredRange piece) {
        if (piece.count > 0) after.push_back(piece);
      };
      add(part(range, 0, begin - range.first));
      add(part(move.to, begin - move.from.first, end - begin));
      add(part(range, end - range.first, range.first + range.count - end));
    }
    ranges = std::move(after);
  }
  return ranges;
}

Committer::Committer(towl::StoreWriter writer, towl::FileFormat format, IngestCounters& counters,
                     std::shared_ptr<spdlog::logger> log, const Limits& limits, std::shared_ptr<LimitCounts> reached)
    : writer_(std::move(writer)),
      format_(format),
      counters_(counters),
      log_(std::move(log)),
      producers_(limits[Limit::producers], limits[Limit::token_producers]),
      max_jump_(limits[Limit::sequence_jump]),
      reached_(std::move(reached)) {
  restore_producers();
}

bool Committer::unsynced() const {
  const auto open = writer_.open_file();
  return open && open->written.offset > open->durable.offset;
}

towl::Result<std::vector<towl::Move>> Committer::sync() {
  const auto begin = std::chrono::steady_clock::now();
  auto moves = writer_.sync();
  const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - begin);
  counters_.count_sync(static_cast<std::uint64_t>(took.count()));
  if (!moves) {
    log_->error("cannot sync: {}", moves.error().to_string());
    return towl::fail(std::move(moves.error()));
  }
  tell(*moves);
  return moves;
}

void refuse(const Batch& batch, IngestCounters& counters) {
  const std::uint64_t count = batch.entries.size();
  if (batch.read_again) return;
  counters.rejected += count;
  if (batch.input) batch.input->rejected += count;
}

void Committer::refuse(Batch& batch) {
  towld::refuse(batch, counters_);
  if (batch.stream) batch.stream->failed = true;
}

// What is known of producers is stored with their entries.
void Committer::restore_producers() {
  for (const towl::SourcePosition& position : writer_.positions()) {
    const auto producer = producer_of_source(position.source);
    const auto progress = parse_progress(position.position);
    if (producer && progress) producers_.stored(std::string(*producer), *progress);
  }
}

// Pieces of a frame's size, each with how much of the batch is stored with it: a batch that is sent again after a crash
// goes on where it was cut off.
towl::Result<std::vector<towl::StoredRange>> Committer::append_numbered(const Batch& batch) {
  const Progress before = producers_.progress(batch.producer_id);
  std::uint64_t done = before.sequence + 1 == batch.sequence ? before.more : 0;
  std::span<const towl::EntryView> rest = batch.entries;
  done = std::min<std::uint64_t>(done, rest.size());
  rest = rest.subspan(static_cast<std::size_t>(done));
  std::vector<towl::StoredRange> ranges;
  while (!rest.empty()) {
    const auto piece = rest.first(writer_.room_for(rest));
    rest = rest.subspan(piece.size());
    done += piece.size();
    Progress progress = rest.empty() ? Progress{batch.sequence} : Progress{batch.sequence - 1, done};
    progress.owner = batch.producer_owner;
    std::vector<towl::SourcePosition> positions = held_;
    positions.push_back({source_of_producer(batch.producer_id), format_progress(progress)});
    const auto range = writer_.append(piece, positions);
    if (!range) return towl::fail(range.error());
    held_.clear();
    if (const auto forgotten = producers_.stored(batch.producer_id, progress)) {
      reached_->add(producers_.is_full() ? Limit::producers : Limit::token_producers);
      held_.push_back({source_of_producer(*forgotten), ""});
    }
    if (!ranges.empty() && ranges.back().file_id == range->file_id) {
      ranges.back().count += range->count;  // Nobody else writes during this: it follows.
    } else {
      ranges.push_back(*range);
    }
  }
  return ranges;
}

towl::Result<std::vector<towl::StoredRange>> Committer::append(const Batch& batch) {
  const bool positions_can_be_stored = format_ == towl::FileFormat::v2;
  if (!batch.producer_id.empty() && positions_can_be_stored) return append_numbered(batch);
  if (batch.positions.empty()) {
    auto ranges = writer_.append(batch.entries);
    if (ranges && !batch.producer_id.empty()) {
      producers_.stored(batch.producer_id, {.sequence = batch.sequence, .owner = batch.producer_owner});
    }
    return ranges;
  }
  std::vector<towl::SourcePosition> positions = held_;
  positions.insert(positions.end(), batch.positions.begin(), batch.positions.end());
  if (batch.gap > 0) {
    const auto range = writer_.append_gap(batch.gap, positions);
    if (!range) return towl::fail(range.error());
    held_.clear();
    return std::vector<towl::StoredRange>{*range};
  }
  if (batch.entries.empty()) {
    held_ = std::move(positions);
    return std::vector<towl::StoredRange>{};
  }
  const auto range = writer_.append(batch.entries, positions);
  if (!range) return towl::fail(range.error());
  held_.clear();
  return std::vector<towl::StoredRange>{*range};
}

// With those that wait for an entry.
std::string_view Committer::position(std::string_view source) const {
  for (auto held = held_.rbegin(); held != held_.rend(); ++held) {
    if (held->source == source) return held->position;
  }
  return writer_.position(source);
}

// A producer belongs to the token that used it first: another's batches must not be taken for its, nor its for
// duplicates of another's. And a sequence that jumps would make all up to there duplicates.
towl::Result<void> Committer::check_producer(const Batch& batch) const {
  if (batch.producer_id.empty()) return {};
  const Progress known = producers_.progress(batch.producer_id);
  if (!known.owner.empty() && known.owner != batch.producer_owner && has_owner(known.owner)) {
    return towl::fail(towl::ErrorCode::already_exists,
                      "the producer ID \"" + batch.producer_id + "\" is another token's: choose another one");
  }
  const bool jumps =
      known.sequence > 0 && batch.sequence > known.sequence && batch.sequence - known.sequence > max_jump_;
  if (jumps || batch.sequence > kMaxSequence) {
    reached_->add(Limit::sequence_jump);
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "sequence " + std::to_string(batch.sequence) + " is too far from the last one stored, " +
                          std::to_string(known.sequence) + ": a producer counts its batches");
  }
  return {};
}

towl::Result<Acknowledgement> Committer::store(Batch& batch) {
  if (batch.stream && batch.stream->failed) {
    refuse(batch);
    return towl::fail(towl::ErrorCode::closed, "a batch before this one could not be stored");
  }
  if (batch.expects && position(batch.expects->source) != batch.expects->position) {
    refuse(batch);
    return towl::fail(towl::ErrorCode::closed, "its source was read further by somebody else");
  }
  Acknowledgement acknowledgement{.durability = batch.durability};
  if (auto good = check_producer(batch); !good) {
    refuse(batch);
    return towl::fail(std::move(good.error()));
  }
  if (!batch.producer_id.empty() && batch.sequence <= producers_.progress(batch.producer_id).sequence) {
    acknowledgement.duplicate = true;
    return acknowledgement;
  }
  // Inputs keep to their own limits; what comes by the service keeps to the usual one.
  const bool is_append = !batch.input && batch.positions.empty();
  const auto good = is_append ? check_sizes(batch.entries) : towl::Result<void>{};
  auto ranges = good ? append(batch) : towl::fail(good.error());
  if (!ranges) {
    refuse(batch);
    return towl::fail(std::move(ranges.error()));
  }
  acknowledgement.ranges = std::move(*ranges);
  return acknowledgement;
}

// The batch turned out lost, and with it what was stored of its producer after it.
void Committer::take_back(Batch& batch) {
  refuse(batch);
  if (batch.producer_id.empty()) return;
  if (format_ != towl::FileFormat::v2) {
    const Progress known = producers_.progress(batch.producer_id);
    producers_.lost(batch.producer_id, {std::min(known.sequence, batch.sequence - 1)});
    return;
  }
  const auto sure = parse_progress(writer_.position(source_of_producer(batch.producer_id)));
  producers_.lost(batch.producer_id, sure.value_or(Progress{}));
}

std::vector<towl::Result<Acknowledgement>> Committer::commit(std::span<Batch> batches, bool sync) {
  std::vector<towl::Result<Acknowledgement>> answers;
  answers.reserve(batches.size());
  towl::CommitGroup group(writer_);
  const std::vector<towl::Loss>& losses = group.losses();
  for (Batch& batch : batches) {
    if (!losses.empty()) {  // One before it is taken back, perhaps of its own stream: nothing may overtake that.
      refuse(batch);
      answers.push_back(towl::fail(losses.front().cause));
      continue;
    }
    answers.push_back(store(batch));
    sync |= answers.back() && batch.durability == Durability::synced;
  }
  std::vector<towl::Move> moves = group.take_moves();
  tell(moves);
  towl::Result<void> synced;
  if (sync) {
    const auto moved = this->sync();
    if (moved) moves.insert(moves.end(), moved->begin(), moved->end());
    if (!moved) synced = towl::fail(moved.error());
  }
  for (std::size_t i = 0; i < batches.size(); ++i) {
    if (answers[i]) settle(batches[i], answers[i], losses, moves, synced, sync && synced);
  }
  return answers;
}

void Committer::tell(std::span<const towl::Move> moves) {
  for (const auto& [from, to] : moves) {
    log_->error(
        "a sync failed: what it left in doubt was written to a new file and synced there: entries {} to {} of file {} "
        "are "
        "entries {} to {} of file {}",
        from.first, from.first + from.count - 1, from.file_id, to.first, to.first + to.count - 1, to.file_id);
  }
}

// Once: what was sent is not sent again.
void Committer::tell_gap(const Batch& batch, std::span<const towl::StoredRange> ranges) {
  if (batch.input) batch.input->lost_in_source += batch.gap;
  for (const towl::StoredRange& range : ranges) {
    log_->warn("{} entries of {} were lost before they came here: a gap stands for them, entries {} to {} of file {}",
               range.count, batch.positions.empty() ? "a source" : batch.positions.front().source, range.first,
               range.first + range.count - 1, range.file_id);
  }
}

// What became of a batch that was stored at first.
void Committer::settle(Batch& batch, towl::Result<Acknowledgement>& answer, std::span<const towl::Loss> losses,
                       std::span<const towl::Move> moves, const towl::Result<void>& synced, bool is_durable) {
  if (answer->duplicate) {
    towld::refuse(batch, counters_);
    // What it repeats may have been lost just now; and if it asks for a sync, that must have worked.
    if (producers_.progress(batch.producer_id).sequence < batch.sequence && !losses.empty()) {
      answer = towl::fail(losses.front().cause);
    } else if (!synced) {
      answer = towl::fail(synced.error());
    }
    if (!answer && batch.stream) batch.stream->failed = true;
    return;
  }
  answer->ranges = follow_moves(std::move(answer->ranges), moves);
  // What is not lost if a sync failed is in a file that was closed before, and is safe.
  if (const towl::Loss* loss = find_loss(answer->ranges, losses)) {
    take_back(batch);
    answer = towl::fail(loss->cause);
    return;
  }
  if (batch.gap > 0) tell_gap(batch, answer->ranges);
  // What is only written may have to move: nobody is told where it is.
  if (!is_durable) answer->ranges.clear();
  const std::uint64_t count = batch.entries.size();
  if (batch.read_again) {
    counters_.received += count;
    if (batch.input) batch.input->received += count;
  }
  counters_.stored += count;
  if (batch.input) batch.input->stored += count;
  counters_.bytes_stored += text_bytes(batch);
}

}  // namespace towld
