#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <random>
#include <utility>

#include "filenames.hpp"
#include "known_positions.hpp"
#include "pages_io.hpp"
#include "partition.hpp"
#include "retention.hpp"
#include "seen_time.hpp"
#include "towl/source_positions.hpp"
#include "towl/store.hpp"
#include "v1/entry_codec.hpp"

namespace towl {

namespace fs = std::filesystem;

namespace {

// Above every ID.
constexpr FileId kNoFile = std::numeric_limits<FileId>::max();

// More than any file has entries.
constexpr std::uint64_t kManyOrdinals = std::uint64_t{1} << 40;

// The source whose position is the store's identity.
constexpr std::string_view kIdentitySource = "store";

// A file that cannot be read at all stays as it is, for `verify` to report; its ID stays taken. It may be none: a
// folder, a FIFO, a link to nowhere.
bool is_unreadable(const Error& error) {
  return error.code == ErrorCode::corrupt || error.code == ErrorCode::not_a_towl_file ||
         error.code == ErrorCode::unsupported_version || error.code == ErrorCode::invalid_argument ||
         error.code == ErrorCode::not_found;
}

}  // namespace

class StoreWriter::Impl {
 public:
  Impl(fs::path folder, StoreOptions options, std::unique_ptr<FileLock> lock)
      : folder_(std::move(folder)),
        options_(std::move(options)),
        layer_(detail::layer_or_posix(options_.layer)),
        lock_(std::move(lock)) {}

  Result<void> take_over();
  Result<std::vector<StoredRange>> append(std::span<const EntryView> entries);
  Result<StoredRange> append_together(std::span<const EntryView> entries, std::span<const SourcePosition> positions);
  Result<StoredRange> append_gap(std::uint64_t count, std::span<const SourcePosition> positions);
  std::size_t room_for(std::span<const EntryView> entries) const;
  void acknowledge();
  Result<void> sync();
  Result<void> tick();
  Result<void> settle();
  Result<void> roll();
  Result<void> roll_if_due();
  Result<std::vector<FileInfo>> retain(const RetentionPolicy& policy, bool dry_run);
  void look_at_clock();
  void keep_time();

  fs::path path_of(FileId file_id) const { return folder_ / file_name(file_id); }

  fs::path folder_;
  StoreOptions options_;
  FileLayer& layer_;
  std::unique_ptr<FileLock> lock_;
  std::optional<FileWriter> writer_;
  Timestamp began_ = 0;  // When the open file began to take entries.
  FileId next_file_id_ = 1;
  std::vector<RecoverReport> recovered_;
  std::vector<UnreadableFile> passed_over_;
  std::vector<Move> moves_;
  std::vector<Loss> losses_;
  detail::KnownPositions positions_;
  bool identity_is_stored_ = false;
  FileId keep_from_ = kNoFile;
  bool in_group_ = false;
  std::optional<detail::SeenTime> seen_;  // from the first look on

 private:
  WriteOptions write_options() const {
    return {.layer = options_.layer,
            .max_entry_bytes = options_.max_entry_bytes,
            .compress = options_.compress,
            .keep_unsynced = true,
            .closing_head = options_.closing_head,
            .clock = options_.clock};
  }
  Result<std::vector<FileId>> scan_names();
  Result<void> recover_file(FileId file_id, bool newest);
  Result<void> pass_over(const fs::path& path, const Error& error);
  Result<void> restore_positions(const std::vector<FileId>& ids);
  void make_identity();
  Result<void> start_file();
  Result<void> make_ready();
  Result<void> roll_if_full();
  Result<StoredRange> append_block(std::span<const EntryView> entries, std::span<const SourcePosition> positions,
                                   std::uint64_t gap = 0);
  Result<void> check_sizes(std::span<const EntryView> entries) const;
  Result<StoredRange> append_to_open_file(std::span<const EntryView> entries);
  Result<void> replace_failed_file(Error cause);
  // About what an entry takes in the open file; format 2 compresses, and takes less.
  std::size_t stored_bytes(const EntryView& entry) const {
    return !writer_ || detail::is_v2(writer_->header()) ? entry.sender.size() + entry.log_entry.size()
                                                        : detail::v1::encoded_bytes(entry);
  }
  Result<void> write_again(const FileWriter& failed);
  // The first frame of a file has the positions of all sources.
  bool needs_all_positions() const {
    return !positions_.empty() && (writer_->appended().ordinal == 0 || !identity_is_stored_);
  }
  bool is_due() const {
    return writer_ && writer_->index().count > 0 && detail::is_due(options_.partition, began_, options_.clock());
  }
};

// The IDs in use, lowest first. Sets the next one, and clears away files whose creation was interrupted.
Result<std::vector<FileId>> StoreWriter::Impl::scan_names() {
  const auto names = layer_.list(folder_);
  if (!names) return fail(names.error());
  std::vector<FileId> ids;
  for (const std::string& name : *names) {
    if (const auto used = detail::parse_any_file_name(name)) next_file_id_ = std::max(next_file_id_, *used + 1);
    if (const auto file_id = parse_file_name(name)) ids.push_back(*file_id);
    if (detail::is_foreign_file_name(name))
      passed_over_.push_back({folder_ / name, detail::foreign_name_error(folder_ / name)});
    if (detail::is_unfinished(name)) {
      // What is no file, and cannot be removed, is in nobody's way.
      if (auto removed = layer_.remove(folder_ / name); !removed) {
        passed_over_.push_back({folder_ / name, std::move(removed.error())});
      }
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

// Without one: the next frame stores it.
void StoreWriter::Impl::make_identity() {
  identity_is_stored_ = !positions_.find(kIdentitySource).empty();
  if (identity_is_stored_ || options_.file_format == FileFormat::v1) return;
  std::random_device random;  // The kernel's generator here.
  std::array<char, 33> hex{};
  for (std::size_t i = 0; i < 4; ++i) std::snprintf(&hex[8 * i], 9, "%08x", random());
  positions_.apply(std::array{SourcePosition{std::string(kIdentitySource), hex.data()}});
  positions_.settle();
}

// Makes sure that the file is whole. The newest goes on taking entries, the others are closed.
Result<void> StoreWriter::Impl::recover_file(FileId file_id, bool newest) {
  const fs::path path = path_of(file_id);
  {
    const auto file = layer_.open(path, OpenMode::read);
    if (!file) return pass_over(path, file.error());
    const auto header = detail::read_header(**file, path.string());
    if (!header) return pass_over(path, header.error());
    const auto index = detail::read_index(**file, *header, path.string());
    if (index && index->closed) return {};
    if (!index && index.error().code != ErrorCode::corrupt) return fail(index.error());
  }
  auto writer = FileWriter::open(path, write_options());
  if (!writer) {
    return pass_over(path, writer.error());
  }
  const RecoverReport& report = writer->recovered();
  if (report.torn_bytes > 0 || report.index_rewritten) recovered_.push_back(report);
  const Header& header = writer->header();
  if (newest && header.file_id == file_id && header.org == options_.org && header.title == options_.title &&
      header.version == static_cast<std::int32_t>(options_.file_format)) {
    began_ = writer->index().opened;
    writer_.emplace(std::move(*writer));
    return {};
  }
  return writer->close(options_.clock());
}

// A file that stays as it is; other errors are the store's.
Result<void> StoreWriter::Impl::pass_over(const fs::path& path, const Error& error) {
  if (!is_unreadable(error)) return fail(error);
  passed_over_.push_back({path, error});
  return {};
}

Result<void> StoreWriter::Impl::take_over() {
  const auto ids = scan_names();
  if (!ids) return fail(ids.error());
  for (const FileId file_id : *ids) {
    if (auto done = recover_file(file_id, file_id == ids->back()); !done) return done;
  }
  return restore_positions(*ids);
}

// The newest file with entries has all positions; where it is damaged, an older one has what they were before.
Result<void> StoreWriter::Impl::restore_positions(const std::vector<FileId>& ids) {
  for (auto file_id = ids.rbegin(); file_id != ids.rend(); ++file_id) {
    auto known = read_source_positions(path_of(*file_id), options_.layer);
    if (!known && !is_unreadable(known.error())) return fail(std::move(known.error()));
    if (!known) continue;
    positions_.restore(std::move(known->positions));
    if (known->has_entries && !known->incomplete) break;
  }
  make_identity();
  return {};
}

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
    // Left by a creation that failed, and whose removal failed too: its ID is spent.
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

// As many entries of the batch as the open file takes, written.
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

// A file that takes entries.
Result<void> StoreWriter::Impl::make_ready() {
  if (writer_ && !writer_->takes_entries()) {
    // What a failed write left there could not be taken back: what is in doubt goes to a new file, as after a sync.
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

// One frame with all of `entries`, or a gap of `gap` where there are none, and `positions`, written.
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
  const auto range = append_block({}, positions, count);
  if (!range) return range;
  // Whatever is said to be lost, and how often: a file's ordinals do not run out.
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
  const auto range = append_block(entries, positions);
  if (!range) return range;
  if (auto done = roll_if_full(); !done) return fail(std::move(done.error()));
  if (!in_group_) acknowledge();
  return range;
}

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
  look_at_clock();
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
  auto closed = writer_->close(options_.clock());
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

// The entries of `failed` since its last good sync, to a new file, synced. Where that fails the file is gone again.
Result<void> StoreWriter::Impl::write_again(const FileWriter& failed) {
  const Position sure = failed.durable();
  const std::uint64_t count = failed.written().ordinal - sure.ordinal;
  if (count == 0) return {};
  if (auto started = start_file(); !started) return started;
  const FileId file_id = writer_->header().file_id;
  // Whoever finds the file with a part of them must not believe that its sources were read further.
  const auto before = positions_.settled();
  const auto after = positions_.all();
  std::uint64_t written = 0;
  // The first part has the positions that were sure, the last one those that are.
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
// pages). The entries since the last good sync are written to a new file, from memory; only when they are safe there
// is the old file cut where it is sure, so that nothing is there twice. Where they cannot be made safe, those that are
// not acknowledged are taken back, and the others are left where they are, for what they are worth.
Result<void> StoreWriter::Impl::replace_failed_file(Error cause) {
  FileWriter failed = std::move(*writer_);
  writer_.reset();
  const bool safe = write_again(failed).has_value();
  // Best effort: where the disk does not even take this, recovery closes the file when the store is opened again.
  (void)failed.abandon(options_.clock(), safe ? Keep::durable : Keep::acknowledged);
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

Result<std::vector<FileInfo>> StoreWriter::Impl::retain(const RetentionPolicy& policy, bool dry_run) {
  const auto store = Store::open(folder_, options_.layer);
  if (!store) return fail(store.error());
  look_at_clock();
  RetentionPolicy kept = policy;
  kept.keep_from = std::min(policy.keep_from.value_or(kNoFile), keep_from_);
  return detail::remove_old_files(*store, layer_, kept, seen_->time(), dry_run);
}

void StoreWriter::Impl::look_at_clock() {
  if (!seen_) {
    const auto file = layer_.open(folder_ / detail::kClockName, OpenMode::read);
    // Whatever is there: what is no record of ours is none.
    const auto text = file ? detail::read_bytes(**file, 0, 64) : Result<std::string>(std::string());
    seen_.emplace(text.value_or(std::string()), options_.clock(), options_.steady_clock());
  }
  seen_->look(options_.clock(), options_.steady_clock());
  if (seen_->is_record_due()) keep_time();
}

// Best effort: on a disk that takes nothing the older record stays, and less time was seen to pass.
void StoreWriter::Impl::keep_time() {
  seen_->recorded();
  const fs::path path = folder_ / detail::kClockName;
  const fs::path unfinished = path.string() + std::string(detail::kUnfinishedSuffix);
  if (auto done = layer_.remove(unfinished); !done && done.error().code != ErrorCode::not_found) return;
  auto file = layer_.open(unfinished, OpenMode::create);
  if (!file) return;
  auto done = (*file)->write_at(0, seen_->record());
  if (done) done = (*file)->sync();
  if (done) done = layer_.rename(unfinished, path);
  if (!done) (void)layer_.remove(unfinished);
}

StoreWriter::StoreWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StoreWriter::StoreWriter(StoreWriter&&) noexcept = default;
StoreWriter& StoreWriter::operator=(StoreWriter&&) noexcept = default;
StoreWriter::~StoreWriter() {
  if (impl_ != nullptr) (void)close();  // Documented: close() is the way to learn of errors.
}

Result<StoreWriter> StoreWriter::open(const fs::path& folder, const StoreOptions& options) {
  FileLayer& layer = detail::layer_or_posix(options.layer);
  if (auto made = layer.create_folder(folder); !made) return fail(std::move(made.error()));
  auto lock = layer.lock(folder / kLockName);
  if (!lock) return fail(std::move(lock.error()));
  auto impl = std::make_unique<Impl>(folder, options, std::move(*lock));
  if (auto taken = impl->take_over(); !taken) return fail(std::move(taken.error()));
  return StoreWriter(std::move(impl));
}

Result<std::vector<StoredRange>> StoreWriter::append(std::span<const EntryView> entries) {
  return impl_->append(entries);
}
Result<StoredRange> StoreWriter::append(std::span<const EntryView> entries, std::span<const SourcePosition> positions) {
  return impl_->append_together(entries, positions);
}
Result<StoredRange> StoreWriter::append_gap(std::uint64_t count, std::span<const SourcePosition> positions) {
  return impl_->append_gap(count, positions);
}
Result<void> StoreWriter::append_head(FileId file_id, std::string_view payload) {
  auto& writer = impl_->writer_;
  if (!writer || writer->header().file_id != file_id || !writer->takes_entries()) return {};
  return writer->append_head(payload);
}
std::string_view StoreWriter::identity() const {
  return impl_->identity_is_stored_ ? impl_->positions_.find(kIdentitySource) : std::string_view();
}
std::string_view StoreWriter::position(std::string_view source) const { return impl_->positions_.find(source); }
std::vector<SourcePosition> StoreWriter::positions() const {
  std::vector<SourcePosition> all = impl_->positions_.all();
  if (!impl_->identity_is_stored_) {
    std::erase_if(all, [](const SourcePosition& position) { return position.source == kIdentitySource; });
  }
  return all;
}
std::size_t StoreWriter::room_for(std::span<const EntryView> entries) const {
  return std::min(impl_->room_for(entries), detail::entries_of_a_frame(entries));
}
Result<void> StoreWriter::sync() { return impl_->sync(); }
Result<void> StoreWriter::tick() { return impl_->tick(); }
std::vector<Move> StoreWriter::take_moves() { return std::exchange(impl_->moves_, {}); }
std::vector<Loss> StoreWriter::take_losses() { return std::exchange(impl_->losses_, {}); }
void StoreWriter::begin_group() { impl_->in_group_ = true; }
void StoreWriter::end_group() {
  impl_->in_group_ = false;
  impl_->acknowledge();
}
Result<void> StoreWriter::roll_if_due() { return impl_->roll_if_due(); }
Result<void> StoreWriter::roll() { return impl_->roll(); }

Result<std::vector<FileInfo>> StoreWriter::retain(const RetentionPolicy& policy, bool dry_run) {
  return impl_->retain(policy, dry_run);
}

std::optional<std::int64_t> StoreWriter::clock_gap_ns() const {
  return impl_->seen_ ? impl_->seen_->doubt() : std::nullopt;
}

void StoreWriter::confirm_clock() {
  impl_->look_at_clock();
  impl_->seen_->confirm();
  impl_->keep_time();
}

void StoreWriter::keep_from(FileId file_id) { impl_->keep_from_ = file_id; }

Result<void> StoreWriter::close(bool close_file) {
  auto done = close_file ? impl_->roll() : impl_->settle();
  if (impl_->seen_ && impl_->lock_) {
    impl_->seen_->look(impl_->options_.clock(), impl_->options_.steady_clock());
    impl_->keep_time();
  }
  if (done) {
    impl_->writer_.reset();
    impl_->lock_.reset();
  }
  return done;
}

std::optional<OpenFile> StoreWriter::open_file() const {
  if (!impl_->writer_) return std::nullopt;
  const FileWriter& writer = *impl_->writer_;
  return OpenFile{writer.header(), writer.index(), writer.written(), writer.durable()};
}

const std::vector<RecoverReport>& StoreWriter::recovered() const { return impl_->recovered_; }
const std::vector<UnreadableFile>& StoreWriter::passed_over() const { return impl_->passed_over_; }
FileId StoreWriter::next_file_id() const { return impl_->next_file_id_; }
Store StoreWriter::reader() const { return Store(impl_->folder_, impl_->layer_); }

}  // namespace towl
