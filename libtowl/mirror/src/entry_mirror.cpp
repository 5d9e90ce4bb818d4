#include "entry_mirror.hpp"

#include <algorithm>

#include "crc32c.hpp"
#include "pages_io.hpp"
#include "v1/entry_cursor.hpp"
#include "v1/layout.hpp"
#include "v1/pages.hpp"

namespace towl::detail {
namespace {

Index fresh_index(Timestamp opened) {
  Index index;
  index.opened = opened;
  return index;
}

/// The whole entries at the front of some bytes.
struct EntryRun {
  std::uint64_t count = 0;
  std::size_t bytes = 0;
  std::optional<Timestamp> first = {};  // `received` of the first entry
  std::optional<Timestamp> last = {};   // … and of the last one
};

EntryRun read_run(std::string_view bytes, std::uint64_t max_count) {
  EntryRun run;
  EntryView entry;
  v1::EntryDecoder decoder;
  while (run.count < max_count && run.bytes < bytes.size()) {
    const v1::Decoded decoded = decoder.decode(bytes.substr(run.bytes), entry);
    if (decoded.found != v1::Found::entry) break;
    if (run.count == 0) run.first = entry.received;
    run.last = entry.received;
    ++run.count;
    run.bytes += decoded.bytes;
  }
  return run;
}

}  // namespace

Result<std::unique_ptr<LocalCopy>> EntryMirror::make(const std::filesystem::path& folder, const ServedFile& remote,
                                                     FileLayer& layer) {
  auto header_page = v1::encode_header_page(remote.header);
  if (!header_page) return fail(header_page.error());
  const auto index_page = v1::encode_index_page(fresh_index(remote.index.opened));
  if (!index_page) return fail(index_page.error());
  return std::make_unique<EntryMirror>(folder, remote, *header_page + *index_page, layer);
}

Result<void> EntryMirror::look() {
  begun_ = index_readable_ = differs_ = false;
  count_ = 0;
  end_ = size_ = v1::kDataOffset;
  index_ = now_ = fresh_index(opened_);
  auto file = layer_->open(path_, OpenMode::read);
  if (!file && file.error().code == ErrorCode::not_found) return {};
  if (!file) return fail(file.error());
  const auto size = (*file)->size();
  if (!size) return fail(size.error());
  const auto pages = read_bytes(**file, 0, v1::kDataOffset);
  if (!pages) return fail(pages.error());
  if (pages->size() < v1::kDataOffset) {
    // No room for an entry: the beginning of a copy is replaced by begin(), anything else is set aside.
    differs_ = !std::string_view(front_)
                    .substr(0, v1::kPageBytes)
                    .starts_with(std::string_view(*pages).substr(0, v1::kPageBytes));
    if (differs_) file_ = std::move(*file);
    return {};
  }
  file_ = std::move(*file);
  size_ = *size;
  differs_ = std::string_view(*pages).substr(0, v1::kPageBytes) != std::string_view(front_).substr(0, v1::kPageBytes);
  if (differs_) return {};
  const auto index = v1::decode_index_page(std::string_view(*pages).substr(v1::kIndexOffset));
  index_readable_ = index.has_value();
  if (!index) return recount();
  index_ = now_ = *index;
  now_.closed.reset();
  count_ = index_.count;
  end_ = size_;
  differs_ = index_.opened != opened_;
  return {};
}

bool EntryMirror::up_to_date(const ServedFile& remote) const {
  return exists() && !differs_ && index_readable_ && size_ == remote.size && index_.count == remote.index.count &&
         index_.closed == remote.index.closed;
}

Result<MirrorProof> EntryMirror::proof() {
  const std::uint64_t length = std::min(kProofBytes, end_ - v1::kDataOffset);
  const auto tail = read_bytes(*file_, end_ - length, static_cast<std::size_t>(length));
  if (!tail) return fail(tail.error());
  return MirrorProof{.size = end_, .opened = index_.opened, .tail_crc32c = crc32c(*tail)};
}

Result<void> EntryMirror::recount() {
  now_ = fresh_index(opened_);
  EntryCursor cursor(*file_, {.ordinal = 0, .offset = v1::kDataOffset});
  EntryView entry;
  for (;;) {
    const auto found = cursor.next(entry);
    if (!found) return fail(found.error());
    if (*found != v1::Found::entry) break;
    if (!now_.first) now_.first = entry.received;
    now_.last = entry.received;
  }
  count_ = cursor.position().ordinal;
  end_ = cursor.position().offset;
  return {};
}

Result<void> EntryMirror::begin() {
  begun_ = true;
  if (!exists()) {
    index_ = now_ = fresh_index(opened_);
    index_readable_ = true;
    return create();
  }
  if (auto done = open_to_append(); !done) return done;
  // A reader that believes a page that is far off, or one that says closed, would miss what is added now.
  now_.count = count_;
  if (!index_readable_ || index_ != now_) return write_index(now_);
  return {};
}

Result<void> EntryMirror::append(const ChunkView& chunk) {
  if (chunk.at.offset != end_ || chunk.at.ordinal != count_) {
    return fail(ErrorCode::corrupt, "the collector sent entries that do not follow: entry " +
                                        std::to_string(chunk.at.ordinal) + " at offset " +
                                        std::to_string(chunk.at.offset) + ", wanted " + std::to_string(count_) +
                                        " at " + std::to_string(end_));
  }
  const EntryRun run = read_run(chunk.bytes, chunk.count);
  if (run.count == 0 || run.count != chunk.count || run.bytes != chunk.bytes.size()) {
    return fail(ErrorCode::corrupt, "the collector sent " + std::to_string(chunk.bytes.size()) +
                                        " bytes that are not the " + std::to_string(chunk.count) +
                                        " whole entries it says");
  }
  if (auto done = write_at_end(chunk.bytes); !done) return done;
  if (count_ == 0) now_.first = run.first;
  now_.last = run.last;
  count_ += run.count;
  now_.count = count_;
  return {};
}

Result<void> EntryMirror::reached(const ServedFile& remote) {
  if (remote.index.count != count_ || remote.size != end_ || remote.index.opened != opened_) {
    return fail(ErrorCode::corrupt, "the collector says that its file has " + std::to_string(remote.index.count) +
                                        " entries up to offset " + std::to_string(remote.size) + ", but sent " +
                                        std::to_string(count_) + " up to " + std::to_string(end_));
  }
  if (remote.index == index_) return {};
  if (remote.open) return write_index(remote.index);
  // The index page says that a closed file is complete: it must not get to the disk before the entries.
  if (auto done = sync(); !done) return done;
  if (auto done = write_index(remote.index); !done) return done;
  return sync();
}

Result<void> EntryMirror::save() {
  if (!begun_) return {};
  if (index_.count != count_) {
    if (auto done = write_index(now_); !done) return done;
  }
  return unsynced_bytes_ > 0 ? sync() : Result<void>();
}

Result<void> EntryMirror::write_index(const Index& index) {
  const auto page = v1::encode_index_page(index);
  if (!page) return fail(page.error());
  if (auto done = file_->write_at(v1::kIndexOffset, *page); !done) return done;
  index_ = index;
  index_readable_ = true;
  unsynced_bytes_ += v1::kPageBytes;
  return {};
}

}  // namespace towl::detail
