#include "inputs/file/batch_feeder.hpp"

#include <charconv>
#include <utility>

namespace towld {

BatchFeeder::BatchFeeder(InputContext context, std::shared_ptr<Mailbox> mailbox, TailSet& tails)
    : gatherer_(std::move(context)), mailbox_(std::move(mailbox)), tails_(tails) {}

void BatchFeeder::take(FileTail& tail, const Line& line, towl::Timestamp received) {
  // A large text gets a batch of its own.
  if (!gatherer_.empty() && gatherer_.bytes() + line.text.size() > kBatchBytes) finish(tail);
  Draft& draft = gatherer_.draft();
  draft.text.assign(line.text);
  draft.received = received;
  if (line.original_bytes > 0) {
    char digits[20];
    const auto printed = std::to_chars(digits, digits + sizeof digits, line.original_bytes);
    draft.set(field::kOriginalBytes, std::string_view(digits, static_cast<std::size_t>(printed.ptr - digits)));
    gatherer_.context().counters->cut += 1;
  }
  gatherer_.take();
  ++taken_;
  ++tail.entries;
  end_ = line.end;
  if (gatherer_.bytes() >= kBatchBytes || gatherer_.count() >= kFileBatchEntries) finish(tail);
}

void BatchFeeder::finish(FileTail& tail) {
  if (taken_ > 0) finish(tail, end_);
}

void BatchFeeder::finish(FileTail& tail, std::uint64_t end) {
  if (taken_ == 0) return;
  taken_ = 0;
  if (gatherer_.empty()) {
    // All of it was filtered: nothing to store, but the file need not be read again.
    gatherer_.finish();
    const Fingerprint mark = tail.position(end).mark;
    if (tail.in_flight.empty()) {
      tail.set_stored(end, mark);
    } else {
      tail.in_flight.push_back({0, end, 0, mark});
    }
    save(tail);
    return;
  }
  const std::uint64_t ticket = ++last_ticket_;
  const FilePosition position = tail.position(end);
  Batch batch = gatherer_.finish(positions(tail, position, ticket));
  batch.stream = tail.stream;
  batch.read_again = true;
  batch.done = [mailbox = mailbox_, file = tail.key(), ticket](const towl::Result<Acknowledgement>& answer) {
    mailbox->answer({file, ticket, answer ? std::string() : answer.error().to_string()});
  };
  tail.in_flight.push_back({ticket, end, batch.bytes, position.mark});
  tail.bytes_in_flight += batch.bytes;
  bytes_in_flight_ += batch.bytes;
  gatherer_.context().ingest->submit(std::move(batch));
}

std::vector<towl::SourcePosition> BatchFeeder::positions(FileTail& tail, const FilePosition& position,
                                                         std::uint64_t ticket) {
  std::vector<towl::SourcePosition> positions;
  if (!unsaved_.empty() || !forgotten_.empty()) {
    Passengers& passengers = passengers_[ticket];
    for (const FileIdentity& identity : std::exchange(forgotten_, {})) {
      if (tails_.find(identity) != nullptr) continue;
      positions.push_back({source_of(identity), ""});
      passengers.forgotten.push_back(identity);
    }
    // These go with every batch until one is stored: the first batch that is must have them all.
    std::erase_if(unsaved_, [&](const auto& unsaved) { return tails_.find(unsaved.first) == nullptr; });
    for (const auto& [key, version] : unsaved_) {
      FileTail& other = *tails_.find(key);
      // A batch of its own that is on its way is further on, and must stay the last word.
      if (&other != &tail && !other.in_flight.empty()) continue;
      passengers.saved[key] = version;
      if (&other == &tail) continue;
      positions.push_back({source_of(other.identity()), to_text(other.stored_position())});
    }
  }
  positions.push_back({source_of(tail.identity()), to_text(position)});
  return positions;
}

BatchFeeder::Outcome BatchFeeder::answered(const Mailbox::Answer& answer, FileTail& tail) {
  const bool stored = answer.error.empty();
  if (const auto passengers = passengers_.find(answer.ticket); passengers != passengers_.end()) {
    for (const auto& [key, version] : passengers->second.saved) {
      const auto unsaved = unsaved_.find(key);
      if (stored && unsaved != unsaved_.end() && unsaved->second == version) unsaved_.erase(unsaved);
    }
    if (!stored)
      forgotten_.insert(forgotten_.end(), passengers->second.forgotten.begin(), passengers->second.forgotten.end());
    passengers_.erase(passengers);
  }
  const BatchInFlight batch = tail.in_flight.front();
  tail.in_flight.pop_front();
  tail.bytes_in_flight -= batch.bytes;
  bytes_in_flight_ -= batch.bytes;
  if (bytes_in_flight_ == 0) is_awaited_ = false;
  if (stored && !tail.refused) tail.set_stored(batch.end, batch.mark);
  tail.refused = tail.refused || !stored;
  while (!tail.in_flight.empty() && tail.in_flight.front().ticket == 0) {
    if (!tail.refused) tail.set_stored(tail.in_flight.front().end, tail.in_flight.front().mark);
    tail.in_flight.pop_front();
  }
  if (!tail.refused) return Outcome::stored;
  if (!tail.in_flight.empty()) return Outcome::waiting;
  tail.refused = false;
  tail.rewind();
  return Outcome::rewound;
}

}  // namespace towld
