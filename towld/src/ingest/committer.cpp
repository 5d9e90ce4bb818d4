#include "ingest/committer.hpp"

#include <algorithm>
#include <chrono>

namespace towld {
namespace {

std::size_t text_bytes(const Batch& batch) {
  std::size_t bytes = 0;
  for (const auto& entry : batch.entries) bytes += entry.sender.size() + entry.log_entry.size();
  return bytes;
}

/// The part of `range` from `skip` on, `count` entries.
towl::StoredRange part(const towl::StoredRange& range, std::uint64_t skip, std::uint64_t count) {
  return {range.file_id, range.first + skip, count};
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

Committer::Committer(towl::StoreWriter writer, IngestCounters& counters, std::shared_ptr<spdlog::logger> log)
    : writer_(std::move(writer)), counters_(counters), log_(std::move(log)) {}

bool Committer::unsynced() const {
  const auto open = writer_.open_file();
  return open && open->written.offset > open->durable.offset;
}

towl::Result<void> Committer::sync() {
  const auto begin = std::chrono::steady_clock::now();
  auto done = writer_.sync();
  const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - begin);
  ++counters_.syncs;
  counters_.sync_time_ns += static_cast<std::uint64_t>(took.count());
  if (!done) log_->error("cannot sync: {}", done.error().to_string());
  return done;
}

void Committer::refuse(Batch& batch) {
  counters_.rejected += batch.entries.size();
  if (batch.stream) batch.stream->failed = true;
}

towl::Result<Acknowledgement> Committer::store(Batch& batch) {
  if (batch.stream && batch.stream->failed) {
    refuse(batch);
    return towl::fail(towl::ErrorCode::closed, "a batch before this one could not be stored");
  }
  Acknowledgement acknowledgement{.durability = batch.durability};
  if (!batch.producer_id.empty() && producers_.has(batch.producer_id, batch.sequence)) {
    acknowledgement.duplicate = true;
    return acknowledgement;
  }
  auto ranges = writer_.append(batch.entries);
  if (!ranges) {
    refuse(batch);
    return towl::fail(std::move(ranges.error()));
  }
  acknowledgement.ranges = std::move(*ranges);
  if (!batch.producer_id.empty()) producers_.stored(batch.producer_id, batch.sequence);
  return acknowledgement;
}

std::vector<towl::Result<Acknowledgement>> Committer::commit(std::span<Batch> batches, bool sync) {
  std::vector<towl::Result<Acknowledgement>> answers;
  answers.reserve(batches.size());
  for (Batch& batch : batches) {
    answers.push_back(store(batch));
    sync |= answers.back() && batch.durability == Durability::synced;
  }
  const auto synced = sync ? this->sync() : towl::Result<void>{};
  const auto moves = writer_.take_moves();
  if (!moves.empty()) log_->error("a sync failed: what it left in doubt was written to a new file and synced there");
  for (std::size_t i = 0; i < batches.size(); ++i) {
    Batch& batch = batches[i];
    if (!answers[i]) continue;
    if (!synced) {
      refuse(batch);
      if (!batch.producer_id.empty()) producers_.lost(batch.producer_id, batch.sequence);
      answers[i] = towl::fail(synced.error());
    } else if (answers[i]->duplicate) {
      counters_.rejected += batch.entries.size();
    } else {
      answers[i]->ranges = follow_moves(std::move(answers[i]->ranges), moves);
      counters_.stored += batch.entries.size();
      counters_.bytes_stored += text_bytes(batch);
    }
  }
  return answers;
}

}  // namespace towld
