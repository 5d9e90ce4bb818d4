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
  for (const Field& field : tail.path_fields()) draft.add(field.name, field.value, field.is_json);
  if (tail.pod()) add_pod_fields(*tail.pod(), draft);
  JoinState* const joins = tail.joins();
  if (joins == nullptr) {
    gatherer_.take();
    ++taken_;
    end_ = {line.end};
    return took(tail);
  }
  const auto emit = [&](Draft& whole) {
    gatherer_.take_parsed(whole);
    ++taken_;
    end_ = joins->progress();
    took(tail);
  };
  auto& failures = gatherer_.context().counters->parse_failures;
  const std::uint64_t dropped = joins->add(draft, line.begin, line.end, failures, emit);
  gatherer_.count_filtered(dropped);
  taken_ += dropped;
  if (taken_ > 0) end_ = joins->progress();
}

void BatchFeeder::add_pod_fields(const PodOfFile& pod, Draft& draft) {
  if (!pod.fields()) {
    gatherer_.context().counters->unlabelled += 1;
    return;
  }
  for (const Field& field : *pod.fields()) draft.add(field.name, field.value);
}

void BatchFeeder::flush(FileTail& tail) {
  JoinState* const joins = tail.joins();
  if (joins == nullptr) return;
  const auto emit = [&](Draft& whole) {
    gatherer_.take_parsed(whole);
    ++taken_;
    end_ = joins->progress();
    took(tail);
  };
  const std::uint64_t dropped = joins->flush(gatherer_.context().counters->parse_failures, emit);
  gatherer_.count_filtered(dropped);
  taken_ += dropped;
  if (taken_ > 0) end_ = joins->progress();
}

void BatchFeeder::took(FileTail& tail) {
  ++tail.entries;
  if (gatherer_.bytes() >= kBatchBytes || gatherer_.count() >= kFileBatchEntries) finish(tail);
}

void BatchFeeder::finish(FileTail& tail) {
  if (taken_ > 0) finish(tail, end_);
}

void BatchFeeder::finish(FileTail& tail, const JoinProgress& end) {
  if (taken_ == 0) return;
  taken_ = 0;
  if (gatherer_.empty()) {
    // All of it was filtered: nothing to store, but the file need not be read again.
    gatherer_.finish();
    const Fingerprint mark = tail.position(end).mark;
    if (tail.in_flight.empty()) {
      tail.set_stored(end.offset, mark, end.ahead);
    } else {
      tail.in_flight.push_back({0, end.offset, 0, mark, end.ahead});
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
  tail.in_flight.push_back({ticket, end.offset, batch.bytes, position.mark, end.ahead});
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
  if (stored && !tail.refused) tail.set_stored(batch.end, batch.mark, batch.ahead);
  tail.refused = tail.refused || !stored;
  while (!tail.in_flight.empty() && tail.in_flight.front().ticket == 0) {
    const BatchInFlight& filtered = tail.in_flight.front();
    if (!tail.refused) tail.set_stored(filtered.end, filtered.mark, filtered.ahead);
    tail.in_flight.pop_front();
  }
  if (!tail.refused) return Outcome::stored;
  if (!tail.in_flight.empty()) return Outcome::waiting;
  tail.refused = false;
  tail.rewind();
  return Outcome::rewound;
}

}  // namespace towld
