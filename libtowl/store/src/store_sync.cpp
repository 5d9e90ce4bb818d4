#include <utility>

#include "store_writer_impl.hpp"

namespace towl {

Result<void> StoreWriter::Impl::sync() {
  if (!writer_) return {};
  auto synced = writer_->sync();
  if (synced) {
    positions_.settle();
    return synced;
  }
  return replace_failed_file(std::move(synced.error()));
}

Result<void> StoreWriter::Impl::tick() {
  clock_.look();
  if (!writer_) return {};
  auto done = writer_->tick();
  return done ? done : replace_failed_file(std::move(done.error()));
}

// Nothing is appended any more, and the file stays open.
Result<void> StoreWriter::Impl::settle() {
  if (auto synced = sync(); !synced || !writer_) return synced;
  auto done = writer_->settle();
  return done ? done : replace_failed_file(std::move(done.error()));
}

Result<void> StoreWriter::Impl::roll() {
  if (!writer_ || writer_->index().count == 0) return {};
  auto closed = writer_->close(clock_.closing_time());
  if (closed) {
    positions_.settle();
    writer_.reset();
    return {};
  }
  return replace_failed_file(std::move(closed.error()));
}

Result<void> StoreWriter::Impl::roll_if_due() {
  if (is_due()) return roll();
  return {};
}

// Writes the entries of `failed` since its last good sync to a new file, synced. If that fails, the file is removed.
Result<void> StoreWriter::Impl::write_again(const FileWriter& failed) {
  const Position sure = failed.durable();
  const std::uint64_t count = failed.written().ordinal - sure.ordinal;
  if (count == 0) return {};
  if (auto started = start_file(); !started) return started;
  const FileId file_id = writer_->header().file_id;
  // A process that finds the file with a part of them must not believe that its sources were read further.
  const auto before = positions_.settled();
  const auto after = positions_.all();
  std::uint64_t written = 0;
  // The first part has the positions as of the last good sync, the last part the current ones.
  const auto positions_after = [&](std::uint64_t more) {
    const bool is_first = written == 0;
    written += more;
    if (!detail::is_v2(writer_->header())) return std::span<const SourcePosition>();
    if (written == count) return std::span<const SourcePosition>(after);
    return is_first ? std::span<const SourcePosition>(before) : std::span<const SourcePosition>();
  };
  auto done = failed.visit_unsynced(
      [&](const EntryView& entry) -> Result<void> {
        const auto positions = positions_after(1);
        auto appended = positions.empty() ? writer_->append(entry) : writer_->append({&entry, 1}, positions);
        return appended ? Result<void>() : fail(std::move(appended.error()));
      },
      [&](std::uint64_t gap) -> Result<void> {
        auto appended = writer_->append_gap(gap, positions_after(gap));
        return appended ? Result<void>() : fail(std::move(appended.error()));
      });
  if (done) done = writer_->sync();
  if (!done) {
    writer_.reset();
    (void)layer_.remove(path_of(file_id));  // Best effort, as all is on a disk that fails.
    (void)layer_.sync_folder(folder_);
    return done;
  }
  moves_.push_back({{failed.header().file_id, sure.ordinal, count}, {file_id, 0, count}});
  return done;
}

// A sync failed: what it had to save is in doubt, and asking again proves nothing (the kernel has forgotten the failed
// pages). The entries since the last good sync are written to a new file, from memory. The old file is cut at its last
// good sync, but only after they are safe there, so that nothing is stored twice. If they cannot be made safe, those
// that are not acknowledged are taken back, and the others are left where they are: they may or may not be durable.
Result<void> StoreWriter::Impl::replace_failed_file(Error cause) {
  FileWriter failed = std::move(*writer_);
  writer_.reset();
  const bool safe = write_again(failed).has_value();
  // Best effort: if even this cannot be written, recovery closes the file when the store is opened again.
  (void)failed.abandon(clock_.closing_time(), safe ? Keep::durable : Keep::acknowledged);
  if (safe) {
    positions_.settle();
    return {};
  }
  positions_.take_back();
  positions_.settle();
  const Ordinal kept = failed.acknowledged().ordinal;
  const Ordinal end = failed.written().ordinal;
  if (end > kept) losses_.push_back({{failed.header().file_id, kept, end - kept}, cause});
  return fail(std::move(cause));
}

}  // namespace towl
