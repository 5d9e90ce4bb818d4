#include <algorithm>
#include <utility>

#include "store_writer_impl.hpp"

namespace towl {

namespace {

// More than any file has entries.
constexpr std::uint64_t kManyOrdinals = std::uint64_t{1} << 40;

}  // namespace

Result<void> StoreWriter::Impl::start_file() {
  const Timestamp time = options_.clock();
  auto writer = FileWriter::create(path_of(next_file_id_),
                                   {.file_id = next_file_id_,
                                    .org = options_.org,
                                    .title = options_.title,
                                    .opened = time,
                                    .format = options_.file_format},
                                   write_options());
  if (!writer) {
    // Left by a creation that failed and whose removal failed, too: its ID is spent.
    if (writer.error().code == ErrorCode::already_exists) ++next_file_id_;
    return fail(std::move(writer.error()));
  }
  ++next_file_id_;
  began_ = time;
  writer_.emplace(std::move(*writer));
  return {};
}

Result<void> StoreWriter::Impl::check_sizes(std::span<const EntryView> entries) const {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::size_t bytes = entries[i].sender.size() + entries[i].log_entry.size();
    if (bytes <= options_.max_entry_bytes) continue;
    return fail(ErrorCode::entry_too_large, "entry " + std::to_string(i) + " of the batch has " +
                                                std::to_string(bytes) + " bytes; the limit is " +
                                                std::to_string(options_.max_entry_bytes));
  }
  return {};
}

std::size_t StoreWriter::Impl::room_for(std::span<const EntryView> entries) const {
  const Position end = writer_ && !is_due() ? writer_->appended() : Position{};
  return std::max<std::size_t>(1, detail::room_for(options_.partition, end.ordinal, end.offset, entries.size(),
                                                   [&](std::size_t i) { return stored_bytes(entries[i]); }));
}

// Writes as many entries of the batch as the open file takes.
Result<StoredRange> StoreWriter::Impl::append_to_open_file(std::span<const EntryView> entries) {
  const std::size_t room = room_for(entries);
  if (needs_all_positions() && detail::is_v2(writer_->header())) {
    return append_block(entries.first(std::min(room, detail::entries_of_a_frame(entries))), {});
  }
  if (writer_->appended().ordinal == 0) began_ = options_.clock();
  const auto first = writer_->append(entries.first(room));
  if (!first) return fail(first.error());
  if (auto flushed = writer_->flush(); !flushed) {
    writer_->discard();
    return fail(std::move(flushed.error()));
  }
  return StoredRange{writer_->header().file_id, *first, room};
}

Result<std::vector<StoredRange>> StoreWriter::Impl::append(std::span<const EntryView> entries) {
  if (auto small = check_sizes(entries); !small) return fail(std::move(small.error()));
  std::vector<StoredRange> ranges;
  while (!entries.empty()) {
    if (auto ready = make_ready(); !ready) return fail(std::move(ready.error()));
    const auto range = append_to_open_file(entries);
    if (!range) return fail(range.error());
    ranges.push_back(*range);
    entries = entries.subspan(static_cast<std::size_t>(range->count));
    if (auto done = roll_if_full(); !done) return fail(std::move(done.error()));
  }
  if (!in_group_) acknowledge();
  return ranges;
}

// Makes sure that there is a file that takes entries.
Result<void> StoreWriter::Impl::make_ready() {
  if (writer_ && !writer_->takes_entries()) {
    // The rest of a failed write could not be taken back: entries in doubt go to a new file, as after a failed sync.
    if (auto replaced = replace_failed_file({.code = ErrorCode::io, .message = "the open file takes nothing more"});
        !replaced) {
      return replaced;
    }
  }
  if (is_due()) {
    if (auto rolled = roll(); !rolled) return rolled;
  }
  return writer_ ? Result<void>() : start_file();
}

Result<void> StoreWriter::Impl::roll_if_full() {
  const Position end = writer_->written();
  if (detail::is_full(options_.partition, end.ordinal, end.offset)) return roll();
  return writer_->unsynced_bytes() >= kMaxUnsyncedBytes ? sync() : Result<void>();
}

void StoreWriter::Impl::acknowledge() {
  if (writer_) writer_->acknowledge();
  positions_.acknowledge();
}

// Writes one frame with all of `entries`, or a gap of `gap` if there are none, and with `positions`.
Result<StoredRange> StoreWriter::Impl::append_block(std::span<const EntryView> entries,
                                                    std::span<const SourcePosition> positions, std::uint64_t gap) {
  std::vector<SourcePosition> all;
  if (writer_->appended().ordinal == 0) began_ = options_.clock();
  if (needs_all_positions()) {
    all = positions_.all();
    all.insert(all.end(), positions.begin(), positions.end());
  }
  const auto stored = all.empty() ? positions : std::span<const SourcePosition>(all);
  const auto first = entries.empty() ? writer_->append_gap(gap, stored) : writer_->append(entries, stored);
  if (!first) return fail(first.error());
  if (auto flushed = writer_->flush(); !flushed) {
    writer_->discard();
    return fail(std::move(flushed.error()));
  }
  positions_.apply(positions);
  identity_is_stored_ = true;
  return StoredRange{writer_->header().file_id, *first, entries.empty() ? gap : entries.size()};
}

Result<StoredRange> StoreWriter::Impl::append_gap(std::uint64_t count, std::span<const SourcePosition> positions) {
  if (auto ready = make_ready(); !ready) return fail(std::move(ready.error()));
  auto range = append_block({}, positions, count);
  if (!range) return range;
  // However many entries are said to be lost, and however often, a file's ordinals must not run out.
  auto done = writer_->index().count >= kManyOrdinals ? roll() : roll_if_full();
  if (!done) return fail(std::move(done.error()));
  if (!in_group_) acknowledge();
  return range;
}

Result<StoredRange> StoreWriter::Impl::append_together(std::span<const EntryView> entries,
                                                       std::span<const SourcePosition> positions) {
  if (auto small = check_sizes(entries); !small) return fail(std::move(small.error()));
  if (auto ready = make_ready(); !ready) return fail(std::move(ready.error()));
  const std::uint64_t count = writer_->index().count;
  if (options_.partition.max_entries && count > 0 && count + entries.size() > *options_.partition.max_entries) {
    if (auto rolled = roll(); !rolled) return fail(std::move(rolled.error()));
    if (auto ready = make_ready(); !ready) return fail(std::move(ready.error()));
  }
  auto range = append_block(entries, positions);
  if (!range) return range;
  if (auto done = roll_if_full(); !done) return fail(std::move(done.error()));
  if (!in_group_) acknowledge();
  return range;
}

}  // namespace towl
