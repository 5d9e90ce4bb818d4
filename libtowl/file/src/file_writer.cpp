#include "towl/file_writer.hpp"

#include <cstdlib>
#include <string>

#include "appender.hpp"
#include "pages_io.hpp"
#include "random_numbers.hpp"
#include "towl/recover.hpp"
#include "v1/entry_appender.hpp"
#include "v1/pages.hpp"
#include "v2/frame_appender.hpp"
#include "v2/header_io.hpp"
#include "v2/slots.hpp"

namespace towl {

namespace fs = std::filesystem;
namespace {

// The index page is also written after this many bytes: recovery reads from there.
constexpr std::uint64_t kIndexEveryBytes = std::uint64_t{32} << 20;

// No file has so many entries. A page that claims it makes no sense, and ordinals must not run out.
constexpr std::uint64_t kMaxGap = std::uint64_t{1} << 40;

}  // namespace

class FileWriter::Impl {
 public:
  Impl(std::unique_ptr<File> file, std::string path, Header header, Index index, Position end,
       std::unique_ptr<detail::Appender> appender, WriteOptions options)
      : file_(std::move(file)),
        appender_(std::move(appender)),
        path_(std::move(path)),
        header_(std::move(header)),
        options_(std::move(options)),
        index_(index),
        written_index_(index),
        durable_index_(index),
        acknowledged_index_(index),
        written_(end),
        durable_(end),
        acknowledged_(end),
        reserved_end_(end.offset) {}

  Result<void> check_usable() const {
    if (state_ == State::open) return {};
    return fail(ErrorCode::closed,
                state_ == State::closed ? "the file is closed" : "a sync of this file failed: it takes nothing more",
                path_);
  }

  // Makes room to gather all of `entries`. If they would make it too much, what is already gathered is flushed first:
  // a failure then concerns none of them.
  Result<void> make_room(std::span<const EntryView> entries) {
    if (auto usable = check_usable(); !usable) return usable;
    std::size_t more = 0;
    for (const EntryView& entry : entries) {
      const std::size_t bytes = entry.sender.size() + entry.log_entry.size();
      if (bytes > options_.max_entry_bytes) return too_large(bytes);
      more += bytes;
    }
    return appender_->gathered_bytes() + more > options_.buffer_bytes ? flush() : Result<void>();
  }

  // Grows the reserved space to reach `end`; a full disk is found here, before a byte is written.
  Result<void> reserve_until(std::uint64_t end) {
    if (end <= reserved_end_) return {};
    const std::uint64_t needed = end - written_.offset;
    auto reserved = file_->reserve(written_.offset, needed + kPreallocateBytes);
    if (reserved) {
      reserved_end_ = end + kPreallocateBytes;
      return {};
    }
    if (reserved.error().code != ErrorCode::no_space) return reserved;
    reserved = file_->reserve(written_.offset, needed);
    if (reserved) reserved_end_ = end;
    return reserved;
  }

  Result<void> flush() {
    if (index_.count == written_.ordinal) return {};
    if (auto begun = begin_life_after_cut(); !begun) return begun;
    const std::string_view bytes = appender_->stored(durable_.ordinal, written_.offset);
    const std::uint64_t end = written_.offset + bytes.size();
    if (auto reserved = reserve_until(end); !reserved) return reserved;
    if (auto put = file_->write_at(written_.offset, bytes); !put) {
      // Part of it may be there: take it back, so that readers never meet it.
      take_back();
      return put;
    }
    if (options_.keep_unsynced) unsynced_ += bytes;
    appender_->written(written_.offset);
    written_ = {index_.count, end};
    written_index_ = index_;
    return {};
  }

  // Cuts off what was written after written_, and may be there.
  void take_back() {
    if (auto cut = file_->truncate(written_.offset); !cut) state_ = State::failed;
    was_cut_ = true;
  }

  // Frames that were taken back may show up again. So the frames that follow are of another life, which the index names
  // before they are written.
  Result<void> begin_life_after_cut() {
    if (!was_cut_) return {};
    if (auto synced = sync_file(); !synced) return synced;
    appender_->begin_life(detail::random_number(), written_.ordinal);
    if (auto put = write_index(durable_index_); !put) return put;
    if (auto synced = sync_file(); !synced) return synced;
    was_cut_ = false;
    return {};
  }

  bool is_index_older_than(Timestamp age) const {
    // A clock that was set back must not keep the index from being written.
    return !index_written_at_ || std::abs(options_.clock() - *index_written_at_) >= age;
  }

  Result<void> tick() {
    // Called twice a second, this is never more than a second after the last sync.
    if (state_ != State::open || !is_index_older_than(kNanosecondsPerSecond / 2)) return {};
    return settle();
  }

  // The index page says what is durable, and is made durable itself.
  Result<void> settle() {
    if (durable_index_ != stored_index_) {
      if (auto put = write_index(durable_index_); !put) return put;
      index_written_at_ = options_.clock();
    }
    return index_dirty_ ? sync_file() : Result<void>();
  }

  Result<void> sync() {
    if (auto flushed = flush(); !flushed) return flushed;
    if (durable_ == written_ && !index_dirty_) return {};
    if (auto synced = sync_file(); !synced) return synced;
    if (!is_index_older_than(kNanosecondsPerSecond) && durable_.offset - indexed_end_ < kIndexEveryBytes) return {};
    index_written_at_ = options_.clock();
    // The entries are safe, and the index is a hint: a failure to write it is not a failure to sync.
    if (durable_index_ != stored_index_) (void)write_index(durable_index_);
    return {};
  }

  Result<void> abandon(Timestamp closed, Keep keep) {
    state_ = State::closed;
    if (keep == Keep::durable || acknowledged_.ordinal < durable_.ordinal) {
      acknowledged_ = durable_;
      acknowledged_index_ = durable_index_;
    }
    if (auto cut = file_->truncate(acknowledged_.offset); !cut) return cut;
    // What a page of format 2 says is on stable storage: with entries after that, recovery finds them and closes.
    const bool in_doubt = detail::is_v2(header_) && acknowledged_.ordinal > durable_.ordinal;
    Index index = in_doubt ? durable_index_ : acknowledged_index_;
    if (!in_doubt) index.closed = closed;
    if (auto put = write_index(index); !put) return put;
    auto released = file_->release_reserved();
    // Not to save entries: that would be a second try. But the cut should not be undone if the power fails.
    (void)file_->sync();
    return released;
  }

  Result<void> close(Timestamp closed) {
    // The entries first: a closed index must never promise what a power cut can take.
    if (auto flushed = flush(); !flushed) return flushed;
    if (options_.closing_head && detail::is_v2(header_)) {
      // It is left out if there is no space, as is what repeats the header page.
      const std::string payload = options_.closing_head(path_, written_.ordinal);
      if (!payload.empty() && !append_head(payload)) {
        if (auto usable = check_usable(); !usable) return usable;
      }
    }
    if (auto put = write_closing(); !put) return put;
    if (auto synced = sync_file(); !synced) return synced;
    Index index = durable_index_;
    index.closed = closed;
    if (auto put = write_index(index); !put) return put;
    if (auto released = file_->release_reserved(); !released) return released;
    if (auto synced = sync_file(); !synced) return synced;
    state_ = State::closed;
    return {};
  }

  // What repeats the header page at the end: it is left out if there is no space. It also says that all before it is
  // durable.
  Result<void> write_closing() {
    if (appender_->closing(durable_.ordinal, index_, written_.offset).empty()) return {};
    if (auto synced = sync_file(); !synced) return synced;
    const std::string_view bytes = appender_->closing(durable_.ordinal, index_, written_.offset);
    if (auto put = file_->write_at(written_.offset, bytes); !put) {
      take_back();
      return check_usable();
    }
    appender_->written(written_.offset);
    written_.offset += bytes.size();
    return {};
  }

  Result<void> append_head(std::string_view payload) {
    if (auto flushed = flush(); !flushed) return flushed;
    if (auto begun = begin_life_after_cut(); !begun) return begun;
    const std::string_view bytes = appender_->head(payload, durable_.ordinal, written_index_, written_.offset);
    const std::uint64_t end = written_.offset + bytes.size();
    if (auto reserved = reserve_until(end); !reserved) return reserved;
    if (auto put = file_->write_at(written_.offset, bytes); !put) {
      take_back();
      return put;
    }
    appender_->written(written_.offset);
    written_.offset = end;
    return {};
  }

  Result<void> write_index(const Index& index) {
    if (auto put = appender_->write_index(*file_, index, durable_); !put) return put;
    stored_index_ = index;
    indexed_end_ = durable_.offset;
    index_dirty_ = true;
    return {};
  }

  Result<void> too_large(std::size_t bytes) const {
    return fail(ErrorCode::entry_too_large,
                "an entry of " + std::to_string(bytes) + " bytes is over the limit of " +
                    std::to_string(options_.max_entry_bytes),
                path_);
  }

  enum class State { open, closed, failed };

  std::unique_ptr<File> file_;
  std::unique_ptr<detail::Appender> appender_;
  std::string path_;
  Header header_;
  WriteOptions options_;
  Index index_;          // With what is pending.
  Index written_index_;  // Without.
  Index durable_index_;
  Index acknowledged_index_;
  Index stored_index_ = {};
  Position written_;
  Position durable_;
  Position acknowledged_;
  std::uint64_t reserved_end_;
  std::uint64_t indexed_end_ = 0;  // What the index page in the file covers.
  std::string unsynced_ = {};
  std::optional<Timestamp> index_written_at_ = {};
  bool index_dirty_ = false;
  bool was_cut_ = false;  // What a failed write left was taken back.
  State state_ = State::open;
  RecoverReport recovered_ = {};

 private:
  Result<void> sync_file() {
    if (auto synced = file_->sync(); !synced) {
      state_ = State::failed;
      return synced;
    }
    durable_ = written_;
    durable_index_ = written_index_;
    appender_->synced();
    unsynced_.clear();
    index_dirty_ = false;
    return {};
  }
};

namespace {

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

// All that comes before the first entry of a new file.
Result<std::string> encode_front(const Header& header, const Index& index) {
  if (detail::is_v2(header)) return detail::v2::encode_front({.header = header, .created = index.opened});
  auto page = detail::v1::encode_header_page(header);
  if (!page) return page;
  auto index_page = detail::v1::encode_index_page(index);
  if (!index_page) return index_page;
  return *page + *index_page;
}

std::unique_ptr<detail::Appender> make_appender(const Header& header, std::string_view front,
                                                const WriteOptions& options) {
  if (!detail::is_v2(header)) return std::make_unique<detail::v1::EntryAppender>(options.buffer_bytes);
  detail::v2::Slot slot;
  slot.sequence = 1;
  slot.chain = detail::v2::first_chain(front);
  slot.last_frame = detail::v2::kFramesOffset;
  return std::make_unique<detail::v2::FrameAppender>(detail::v2::file_tag(header.uuid), std::move(slot),
                                                     options.buffer_bytes, options.compress,
                                                     std::string(front.substr(0, detail::v2::kPageBytes)));
}

// For a file that recover() has made to agree with its index page.
Result<std::unique_ptr<detail::Appender>> make_appender(File& file, const Header& header, const WriteOptions& options) {
  if (!detail::is_v2(header)) return std::make_unique<detail::v1::EntryAppender>(options.buffer_bytes);
  const std::uint32_t tag = detail::v2::file_tag(header.uuid);
  auto slots = detail::v2::read_slots(file, tag);
  if (!slots) return fail(std::move(slots.error()));
  if (!slots->newest) return fail(ErrorCode::corrupt, "the index page cannot be read");
  const auto page = detail::v2::read_header_page(file);
  if (!page) return fail(page.error());
  auto encoded = detail::v2::encode_header_page(*page);
  if (!encoded) return fail(std::move(encoded.error()));
  return std::make_unique<detail::v2::FrameAppender>(tag, std::move(*slots->newest), options.buffer_bytes,
                                                     options.compress, std::move(*encoded));
}

// Writes both pages to a new file under a name of its own, synced.
Result<std::unique_ptr<File>> create_unfinished(FileLayer& layer, const fs::path& name, const std::string& pages) {
  if (const auto removed = layer.remove(name); !removed && removed.error().code != ErrorCode::not_found) {
    return fail(removed.error());
  }
  auto file = layer.open(name, OpenMode::create);
  if (!file) return file;
  auto done = (*file)->write_at(0, pages);
  if (done) done = (*file)->sync();
  if (!done) {
    (void)layer.remove(name);  // Best effort: it is not a towl file, and the next try removes it.
    return fail(done.error());
  }
  return file;
}

}  // namespace

FileWriter::FileWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FileWriter::FileWriter(FileWriter&&) noexcept = default;
FileWriter& FileWriter::operator=(FileWriter&& other) noexcept {
  FileWriter old(std::move(impl_));  // Flushed when it goes.
  impl_ = std::move(other.impl_);
  return *this;
}
FileWriter::~FileWriter() {
  if (impl_ == nullptr || impl_->state_ != Impl::State::open) return;
  (void)impl_->flush();  // Documented: close() is the way to learn of errors.
  (void)impl_->file_->release_reserved();
}

Result<FileWriter> FileWriter::create(const fs::path& path, const NewFile& file, const WriteOptions& options) {
  FileLayer& layer = detail::layer_or_posix(options.layer);
  const auto there = layer.open(path, OpenMode::read);
  if (there) return fail(ErrorCode::already_exists, "cannot create: it exists", path.string());
  if (there.error().code != ErrorCode::not_found) return fail(there.error());

  Header header{.version = static_cast<std::int32_t>(file.format),
                .org = file.org,
                .title = file.title,
                .file_id = file.file_id,
                .uuid = file.format == FileFormat::v2 ? file.uuid.value_or(Uuid{}) : Uuid{}};
  if (file.format == FileFormat::v2 && !file.uuid) header.uuid = detail::random_uuid();
  Index index;
  index.opened = file.opened;
  const auto front = encode_front(header, index);
  if (!front) return fail(detail::at_file(front.error(), path.string()));

  const fs::path unfinished = path.string() + ".new";
  auto created = create_unfinished(layer, unfinished, *front);
  if (!created) return fail(std::move(created.error()));
  if (auto renamed = layer.rename(unfinished, path); !renamed) return fail(renamed.error());
  if (auto synced = layer.sync_folder(folder_of(path)); !synced) {
    (void)layer.remove(path);  // Best effort: the next try must not find it.
    return fail(synced.error());
  }
  auto appender = make_appender(header, *front, options);
  return FileWriter(std::make_unique<Impl>(std::move(*created), path.string(), std::move(header), index,
                                           Position{0, front->size()}, std::move(appender), options));
}

Result<FileWriter> FileWriter::open(const fs::path& path, const WriteOptions& options) {
  auto recovered = recover(path, {.layer = options.layer});
  if (!recovered) return fail(std::move(recovered.error()));
  auto file = detail::layer_or_posix(options.layer).open(path, OpenMode::read_write);
  if (!file) return fail(std::move(file.error()));
  if (recovered->index.sealed) {
    return fail(ErrorCode::closed, "the file is sealed: it takes no more entries", path.string());
  }
  auto appender = make_appender(**file, recovered->header, options);
  if (!appender) return fail(detail::at_file(std::move(appender.error()), path.string()));
  Index index = recovered->index;
  const bool was_closed = index.closed.has_value();
  index.closed.reset();
  auto impl = std::make_unique<Impl>(std::move(*file), path.string(), recovered->header, index,
                                     Position{index.count, recovered->data_end}, std::move(*appender), options);
  impl->recovered_ = std::move(*recovered);
  if (was_closed) {
    if (auto put = impl->write_index(index); !put) return fail(put.error());
  }
  // What was read may still be on its way to the disk, from before a crash of its writer.
  if (auto synced = impl->file_->sync(); !synced) return fail(synced.error());
  return FileWriter(std::move(impl));
}

Result<Ordinal> FileWriter::append(const EntryView& entry) { return append(std::span(&entry, 1)); }

Result<Ordinal> FileWriter::append(std::span<const EntryView> entries) {
  if (auto room = impl_->make_room(entries); !room) return fail(std::move(room.error()));
  const Ordinal first = impl_->index_.count;
  for (const EntryView& entry : entries) impl_->appender_->add(entry, impl_->index_);
  return first;
}

Result<Ordinal> FileWriter::append(std::span<const EntryView> entries, std::span<const SourcePosition> positions) {
  if (auto room = impl_->make_room(entries); !room) return fail(std::move(room.error()));
  const Ordinal first = impl_->index_.count;
  if (impl_->appender_->add_together(entries, positions, impl_->index_)) return first;
  return fail(ErrorCode::invalid_argument,
              "positions of sources are stored in one frame with their entries: this needs format 2, 1 to 65536 "
              "entries of at most 48 MiB and 8 MiB of positions",
              impl_->path_);
}

Result<Ordinal> FileWriter::append_gap(std::uint64_t count, std::span<const SourcePosition> positions) {
  if (auto room = impl_->make_room({}); !room) return fail(std::move(room.error()));
  const Ordinal first = impl_->index_.count;
  if (count > 0 && count <= kMaxGap &&
      impl_->appender_->add_gap(count, positions, impl_->options_.clock(), impl_->index_)) {
    return first;
  }
  return fail(ErrorCode::invalid_argument,
              "a gap needs format 2, at least one entry, no more ordinals than there are, and 8 MiB of positions",
              impl_->path_);
}

Result<void> FileWriter::append_head(std::string_view payload) {
  if (auto usable = impl_->check_usable(); !usable) return usable;
  if (!detail::is_v2(impl_->header_)) {
    return fail(ErrorCode::invalid_argument, "a signed head needs format 2", impl_->path_);
  }
  return impl_->append_head(payload);
}

Result<void> FileWriter::flush() {
  if (auto usable = impl_->check_usable(); !usable) return usable;
  return impl_->flush();
}

void FileWriter::discard() {
  impl_->appender_->drop();
  impl_->index_ = impl_->written_index_;
}

Result<void> FileWriter::sync() {
  if (auto usable = impl_->check_usable(); !usable) return usable;
  return impl_->sync();
}

Result<void> FileWriter::tick() { return impl_->tick(); }

Result<void> FileWriter::settle() {
  if (auto usable = impl_->check_usable(); !usable) return usable;
  if (auto synced = impl_->sync(); !synced) return synced;
  return impl_->settle();
}

std::size_t FileWriter::unsynced_bytes() const { return impl_->unsynced_.size(); }

Result<void> FileWriter::visit_unsynced(const std::function<Result<void>(const EntryView&)>& visit,
                                        const std::function<Result<void>(std::uint64_t)>& gap) const {
  return impl_->appender_->visit_stored(impl_->unsynced_, visit, gap);
}

Result<void> FileWriter::close(Timestamp closed) {
  if (auto usable = impl_->check_usable(); !usable) return usable;
  return impl_->close(closed);
}

void FileWriter::acknowledge() {
  impl_->acknowledged_ = impl_->written_;
  impl_->acknowledged_index_ = impl_->written_index_;
}

Result<void> FileWriter::abandon(Timestamp closed, Keep keep) { return impl_->abandon(closed, keep); }
bool FileWriter::takes_entries() const { return impl_->state_ == Impl::State::open; }
const RecoverReport& FileWriter::recovered() const { return impl_->recovered_; }
const Header& FileWriter::header() const { return impl_->header_; }
const Index& FileWriter::index() const { return impl_->index_; }
Position FileWriter::appended() const {
  return {impl_->index_.count, impl_->written_.offset + impl_->appender_->gathered_bytes()};
}
Position FileWriter::written() const { return impl_->written_; }
Position FileWriter::durable() const { return impl_->durable_; }
Position FileWriter::acknowledged() const {
  return impl_->acknowledged_.ordinal < impl_->durable_.ordinal ? impl_->durable_ : impl_->acknowledged_;
}

}  // namespace towl
