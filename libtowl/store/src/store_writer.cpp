#include <algorithm>
#include <utility>

#include "retention.hpp"
#include "store_writer_impl.hpp"

namespace towl {

namespace fs = std::filesystem;

Result<std::vector<FileInfo>> StoreWriter::Impl::retain(const RetentionPolicy& policy, bool dry_run) {
  const auto store = Store::open(folder_, options_.layer);
  if (!store) return fail(store.error());
  clock_.look();
  RetentionPolicy kept = policy;
  kept.keep_from = std::min(policy.keep_from.value_or(kNoFile), keep_from_);
  return detail::remove_old_files(*store, layer_, kept, clock_.time(), dry_run);
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
Result<std::vector<Move>> StoreWriter::sync() {
  if (auto synced = impl_->sync(); !synced) return fail(std::move(synced.error()));
  return std::exchange(impl_->moves_, {});
}
Result<void> StoreWriter::tick() { return impl_->tick(); }
Result<void> StoreWriter::roll_if_due() { return impl_->roll_if_due(); }
Result<void> StoreWriter::roll() { return impl_->roll(); }

Result<std::vector<FileInfo>> StoreWriter::retain(const RetentionPolicy& policy, bool dry_run) {
  return impl_->retain(policy, dry_run);
}

std::optional<std::int64_t> StoreWriter::clock_gap_ns() const { return impl_->clock_.doubt(); }
void StoreWriter::confirm_clock() { impl_->clock_.confirm(); }
void StoreWriter::keep_from(FileId file_id) { impl_->keep_from_ = file_id; }

Result<void> StoreWriter::close(bool close_file) {
  auto done = close_file ? impl_->roll() : impl_->settle();
  if (impl_->lock_) impl_->clock_.close();
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

CommitGroup::CommitGroup(StoreWriter& writer) : impl_(*writer.impl_) { impl_.in_group_ = true; }
CommitGroup::~CommitGroup() {
  impl_.in_group_ = false;
  impl_.losses_.clear();
  impl_.acknowledge();
}
const std::vector<Loss>& CommitGroup::losses() const { return impl_.losses_; }
std::vector<Move> CommitGroup::take_moves() { return std::exchange(impl_.moves_, {}); }

}  // namespace towl
