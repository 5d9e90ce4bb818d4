#include "towl/seal.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "pages_io.hpp"
#include "torn_file.hpp"
#include "v2/columns.hpp"
#include "v2/digest.hpp"
#include "v2/file_filter.hpp"
#include "v2/frame_decoder.hpp"
#include "v2/frame_walker.hpp"
#include "v2/frame_writer.hpp"
#include "v2/header_io.hpp"
#include "v2/positions.hpp"
#include "v2/rows.hpp"
#include "v2/slots.hpp"
#include "v2/tail.hpp"
#include "v2/token_filter.hpp"
#include "v2/zstd.hpp"

namespace towl {

namespace fs = std::filesystem;

namespace detail::v2 {
namespace {

// Gathers entries and writes them as large frames of columns.
class Sealer {
 public:
  Sealer(FrameWriter& to, std::uint32_t tag) : to_(to), tag_(tag) { text_.reserve(kSealedFrameBytes); }

  Result<void> add(const EntryView& entry) {
    const std::size_t bytes = entry.sender.size() + entry.log_entry.size();
    if (!entries_.empty() && (text_.size() + bytes > kSealedFrameBytes || entries_.size() == kMaxFrameEntries)) {
      if (auto done = flush(); !done) return done;
    }
    if (!index_.first) index_.first = entry.received;
    index_.last = entry.received;
    digest_ = extend_digest(digest_, entry);
    // The text does not move: there is room for a frame, and a larger entry is the only one in its frame.
    text_ += entry.sender;
    text_ += entry.log_entry;
    entries_.push_back(entry);
    const std::string_view stored = std::string_view(text_).substr(text_.size() - bytes);
    entries_.back().sender = stored.substr(0, entry.sender.size());
    entries_.back().log_entry = stored.substr(entry.sender.size());
    ++index_.count;
    return {};
  }

  /// How far sources were read, in a frame that was added: the last ones are kept.
  bool add_positions(std::string_view part) {
    std::vector<SourcePosition> positions;
    const bool good = read_positions(part, positions);
    for (SourcePosition& position : positions) positions_[position.source] = std::move(position.position);
    return good;
  }

  /// Entries that were lost earlier: their ordinals stay empty.
  Result<void> add_gap(const FrameHeader& gap) {
    if (auto done = finish(); !done) return done;
    index_.count += gap.count;
    first_ = index_.count;
    digest_ = frame_digest_ = gap.digest;
    stored_positions_.clear();
    if (gap.positions_bytes > 0) append_last_positions(stored_positions_);
    return to_.put(gap, {}, stored_positions_);
  }

  /// A frame that comes after all entries, for example a signed head.
  Result<void> add_travelling(const FrameHeader& header, std::string_view payload) {
    return to_.put_travelling(header, payload, true);
  }

  /// The digest after a gap is known from the frame that follows.
  void resume(std::uint64_t digest) {
    if (entries_.empty()) digest_ = frame_digest_ = digest;
  }

  /// The frame that is being gathered is the last one, at least before a gap: it gets the positions.
  Result<void> finish() { return flush(true); }

  std::uint64_t digest() const { return digest_; }
  const Index& index() const { return index_; }

  /// Of all that was added: FileFilterBuilder::finish().
  std::string file_filter() { return file_filter_.finish(); }

 private:
  Result<void> flush(bool with_positions = false) {
    if (entries_.empty()) return {};
    FrameHeader header;
    header.tag = tag_;
    header.count = static_cast<std::uint32_t>(entries_.size());
    header.first = first_;
    header.digest = frame_digest_;
    header.min = header.max = entries_.front().received;
    header.event_min = header.event_max = entries_.front().time();
    for (const EntryView& entry : entries_) {
      header.min = std::min(header.min, entry.received);
      header.max = std::max(header.max, entry.received);
      header.event_min = std::min(header.event_min, entry.time());
      header.event_max = std::max(header.event_max, entry.time());
      filter_.add(entry);
    }
    header.text_bytes = static_cast<std::uint32_t>(text_.size());
    const std::string_view payload = encode(header);
    file_filter_.add_frame(filter_, index_.count, payload.size(), text_.size());
    stored_positions_.clear();
    if (with_positions) append_last_positions(stored_positions_);
    if (auto done = to_.put(header, payload, stored_positions_,
                            filter_.finish(most_filter_bytes(payload.size(), text_.size())));
        !done)
      return done;
    first_ = index_.count;
    frame_digest_ = digest_;
    text_.clear();
    entries_.clear();
    return {};
  }

  void append_last_positions(std::string& to) const {
    std::vector<SourcePosition> positions;
    for (const auto& [source, position] : positions_) {
      if (!position.empty()) positions.push_back({source, position});
    }
    append_positions(positions, to);
  }

  // Columns if they give the entries back and are no larger than rows; otherwise rows. So no error in columns can
  // cost entries.
  std::string_view encode(FrameHeader& header) {
    columns_payload_.clear();
    columns_.encode(entries_, columns_payload_);
    header.kind = FrameKind::data;
    header.layout = Layout::columns;
    header.codec = Codec::raw;
    header.raw_bytes = static_cast<std::uint32_t>(columns_payload_.size());
    if (columns_payload_.size() <= kMaxFrameBytes && gives_back(header, columns_payload_)) return columns_payload_;
    rows_payload_.clear();
    RowEncoder rows;
    for (const EntryView& entry : entries_) rows.encode(entry, rows_payload_);
    header.layout = Layout::rows;
    header.raw_bytes = static_cast<std::uint32_t>(rows_payload_.size());
    if (!compressor_.compress(rows_payload_, columns_payload_) || columns_payload_.size() >= rows_payload_.size()) {
      return rows_payload_;
    }
    header.codec = Codec::zstd;
    return columns_payload_;
  }

  bool gives_back(const FrameHeader& header, std::string_view payload) {
    if (!decoder_.begin(header, payload)) return false;
    EntryView entry;
    for (const EntryView& wanted : entries_) {
      const auto more = decoder_.next(entry);
      if (!more || !*more || entry != wanted) return false;
    }
    const auto more = decoder_.next(entry);
    return more && !*more;
  }

  FrameWriter& to_;
  std::uint32_t tag_;
  Index index_;
  Ordinal first_ = 0;               // of the frame that is being gathered
  std::uint64_t frame_digest_ = 0;  // of what is before it
  std::uint64_t digest_ = 0;
  std::string text_;
  std::vector<EntryView> entries_;
  TokenFilterBuilder filter_;
  FileFilterBuilder file_filter_;
  ColumnEncoder columns_;
  Compressor compressor_{kSealLevel};
  std::string columns_payload_;
  std::string rows_payload_;
  std::string stored_positions_;
  std::map<std::string, std::string> positions_;  // the last one of each source
  FrameDecoder decoder_;
};

tl::unexpected<Error> damaged(const Damage& damage, const fs::path& path) {
  Error error{.code = ErrorCode::corrupt, .message = damage.what + ": repair the file before it is sealed"};
  error.file = path.string();
  error.offset = damage.offset;
  error.ordinal = damage.first;
  return fail(std::move(error));
}

// Walks all frames of `from` into `sealer`.
Result<void> seal_frames(File& from, const fs::path& path, std::uint32_t tag, const Slot& slot, Sealer& sealer,
                         const std::function<bool()>& stop) {
  auto first = first_slot(from);
  if (!first) return fail(at_file(std::move(first.error()), path.string()));
  FrameWalker walker(from, tag, slot, start_of(*first));
  FrameDecoder decoder;
  FrameHeader header;
  std::string_view frame;
  EntryView entry;
  for (;;) {
    if (stop && stop()) return fail(ErrorCode::closed, "stopped before the file was sealed", path.string());
    auto walked = walker.next_of_any_kind(header);
    if (walked && *walked == Walked::frame && !holds_entries(header.kind)) {
      const auto whole = walker.is_whole(frame);
      if (!whole) return fail(whole.error());
      if (!*whole) continue;
    } else if (walked && *walked == Walked::frame) {
      walked = walker.stored(frame);
    }
    if (!walked) return fail(walked.error());
    if (*walked == Walked::damage) return damaged(walker.damage(), path);
    if (*walked == Walked::end) break;
    if (travels(header.kind)) {
      if (auto done = sealer.add_travelling(header, payload_of(frame, header)); !done) return done;
    }
    if (!holds_entries(header.kind)) continue;
    // The entries before a gap are written first, with the positions as they were there.
    if (header.kind == FrameKind::gap) {
      if (auto done = sealer.finish(); !done) return done;
    }
    if (!check_positions(frame, header) || !sealer.add_positions(positions_of(frame, header))) {
      return fail(ErrorCode::corrupt, "a frame whose positions cannot be read: repair the file before it is sealed",
                  path.string());
    }
    if (header.kind == FrameKind::gap) {
      if (auto done = sealer.add_gap(header); !done) return done;
      continue;
    }
    sealer.resume(header.digest);
    if (auto begun = decoder.begin(header, payload_of(frame, header)); !begun)
      return fail(at_file(begun.error(), path.string()));
    for (;;) {
      const auto more = decoder.next(entry);
      if (!more) return fail(at_file(more.error(), path.string()));
      if (!*more) break;
      if (auto done = sealer.add(entry); !done) return done;
    }
  }
  return sealer.finish();
}

}  // namespace
}  // namespace detail::v2

class SealedCopy::Impl {
 public:
  Impl(FileLayer& layer, fs::path path) : layer_(layer), path_(std::move(path)), copy_(path_.string() + ".seal.new") {}

  Result<void> make(const std::function<bool()>& stop);
  Result<void> take_place();

  ~Impl() {
    if (made_) (void)layer_.remove(copy_);  // Best effort: the store's writer removes it when it starts.
  }

  SealReport report_;
  std::string filter_;

 private:
  Result<void> check_source();
  Result<void> write_copy(const std::function<bool()>& stop);

  FileLayer& layer_;
  fs::path path_;
  fs::path copy_;
  std::unique_ptr<File> source_;
  FileIdentity identity_;
  detail::v2::Slot slot_;
  bool made_ = false;
};

Result<void> SealedCopy::Impl::check_source() {
  auto file = layer_.open(path_, OpenMode::read);
  if (!file) return fail(std::move(file.error()));
  source_ = std::move(*file);
  const auto header = detail::read_header(*source_, path_.string());
  if (!header) return fail(header.error());
  report_.header = *header;
  if (!detail::is_v2(*header)) {
    return fail(ErrorCode::invalid_argument, "a file of format 1 cannot be sealed: convert it to format 2",
                path_.string());
  }
  auto slots = detail::v2::read_slots(*source_, detail::v2::file_tag(header->uuid));
  if (!slots) return fail(std::move(slots.error()));
  if (!slots->newest) return fail(ErrorCode::corrupt, "its index page cannot be read: repair it", path_.string());
  slot_ = *slots->newest;
  if (!slot_.index.closed) {
    return fail(ErrorCode::invalid_argument, "the file is open: it is sealed once it is closed", path_.string());
  }
  const auto size = source_->size();
  const auto identity = source_->identity();
  if (!size) return fail(size.error());
  if (!identity) return fail(identity.error());
  identity_ = *identity;
  report_.bytes_before = report_.bytes_after = *size;
  report_.index = slot_.index;
  report_.was_sealed = slot_.index.sealed;
  return {};
}

Result<void> SealedCopy::Impl::write_copy(const std::function<bool()>& stop) {
  auto copy = layer_.open(copy_, OpenMode::create);
  if (!copy) return fail(std::move(copy.error()));
  made_ = true;
  const auto page = detail::v2::read_header_page(*source_);
  if (!page) return fail(detail::at_file(page.error(), path_.string()));
  auto writer = detail::v2::FrameWriter::begin(**copy, *page);
  if (!writer) return fail(std::move(writer.error()));
  const std::uint32_t tag = detail::v2::file_tag(page->header.uuid);
  detail::v2::Sealer sealer(*writer, tag);
  if (auto done = detail::v2::seal_frames(*source_, path_, tag, slot_, sealer, stop); !done) return done;
  if (sealer.index().count != slot_.index.count || sealer.digest() != slot_.index.digest) {
    return fail(ErrorCode::corrupt, "the digest of its entries is not that of its index page: verify it",
                path_.string());
  }
  if (auto done = writer->finish_sealed(slot_.index); !done) return done;
  if (auto done = (*copy)->sync(); !done) return done;
  const auto size = (*copy)->size();
  if (!size) return fail(size.error());
  report_.bytes_after = *size;
  report_.index = writer->slot().index;
  filter_ = sealer.file_filter();
  detail::v2::name_filter(filter_, report_.header.uuid, report_.header.file_id,
                          detail::v2::filter_key(report_.header, report_.index, report_.bytes_after), 0);
  return {};
}

Result<void> SealedCopy::Impl::make(const std::function<bool()>& stop) {
  if (auto done = check_source(); !done || report_.was_sealed) return done;
  if (auto done = detail::remove_if_there(layer_, copy_); !done) return done;
  return write_copy(stop);
}

Result<void> SealedCopy::Impl::take_place() {
  if (report_.was_sealed) return {};
  const auto there = layer_.open(path_, OpenMode::read);
  if (!there) return fail(there.error());
  const auto identity = (*there)->identity();
  if (!identity) return fail(identity.error());
  if (*identity != identity_)
    return fail(ErrorCode::not_found, "the file was replaced while it was sealed", path_.string());
  if (auto done = layer_.rename(copy_, path_); !done) return done;
  made_ = false;
  return layer_.sync_folder(detail::folder_of(path_));
}

SealedCopy::SealedCopy(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SealedCopy::SealedCopy(SealedCopy&&) noexcept = default;
SealedCopy& SealedCopy::operator=(SealedCopy&&) noexcept = default;
SealedCopy::~SealedCopy() = default;

Result<SealedCopy> SealedCopy::make(const fs::path& path, const SealOptions& options) {
  auto impl = std::make_unique<Impl>(detail::layer_or_posix(options.layer), path);
  if (auto done = impl->make(options.stop); !done) return fail(std::move(done.error()));
  return SealedCopy(std::move(impl));
}

Result<void> SealedCopy::take_place() { return impl_->take_place(); }
const SealReport& SealedCopy::report() const { return impl_->report_; }
const std::string& SealedCopy::filter() const { return impl_->filter_; }

Result<SealReport> seal(const fs::path& path, const SealOptions& options, std::string* filter) {
  auto copy = SealedCopy::make(path, options);
  if (!copy) return fail(std::move(copy.error()));
  if (auto done = copy->take_place(); !done) return fail(std::move(done.error()));
  if (filter != nullptr) *filter = copy->filter();
  return copy->report();
}

}  // namespace towl
