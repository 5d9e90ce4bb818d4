#include "entry_feed.hpp"

#include <algorithm>
#include <utility>

#include "crc32c.hpp"
#include "pages_io.hpp"
#include "towl/limits.hpp"
#include "v1/entry_cursor.hpp"
#include "v1/layout.hpp"

namespace towl::detail {
namespace {

tl::unexpected<Error> damaged_at(Position at, std::string what, const std::string& path) {
  return fail(Error{.code = ErrorCode::corrupt,
                    .message = std::move(what),
                    .file = path,
                    .offset = at.offset,
                    .ordinal = at.ordinal});
}

/// Where entry `count` begins.
Result<Position> find_entry(File& file, std::uint64_t count, const std::string& path) {
  EntryCursor cursor(file, {.ordinal = 0, .offset = v1::kDataOffset});
  while (cursor.position().ordinal < count) {
    const auto found = cursor.skip();
    if (!found) return fail(found.error());
    if (*found != v1::Found::entry) return damaged_at(cursor.position(), "no whole entry here", path);
  }
  return cursor.position();
}

/// nullopt if the mirror's end is the file's at `at`; else what differs.
Result<std::optional<std::string>> difference(File& file, Position at, const MirrorProof& proof) {
  if (proof.size != at.offset) {
    return "entry " + std::to_string(at.ordinal) + " begins at " + std::to_string(at.offset) + ", in the mirror at " +
           std::to_string(proof.size);
  }
  const std::uint64_t length = std::min(kProofBytes, at.offset - v1::kDataOffset);
  const auto tail = read_bytes(file, at.offset - length, static_cast<std::size_t>(length));
  if (!tail) return fail(tail.error());
  if (tail->size() == length && crc32c(*tail) == proof.tail_crc32c) return std::nullopt;
  return "the entries before " + std::to_string(at.ordinal) + " are not the same";
}

}  // namespace

Result<std::unique_ptr<FileFeed>> EntryFeed::begin(std::unique_ptr<File> opened, std::string path,
                                                   const ServedFile& file, std::uint64_t count,
                                                   const std::optional<MirrorProof>& proof) {
  const auto at = find_entry(*opened, count, path);
  if (!at) return fail(at.error());
  if (proof) {
    const auto differs = difference(*opened, *at, *proof);
    if (!differs) return fail(differs.error());
    if (*differs) return not_a_copy(file.file_id(), *differs.value());
  }
  return std::make_unique<EntryFeed>(std::move(opened), std::move(path), *at);
}

tl::unexpected<Error> EntryFeed::damaged(std::string what) const { return damaged_at(at_, std::move(what), path_); }

Result<Chunk> EntryFeed::next(const ServedFile& file, std::size_t max_bytes, std::string spare) {
  Chunk chunk{.at = at_, .count = 0, .bytes = std::move(spare)};
  const std::uint64_t entries_left = file.index.count - std::min(file.index.count, at_.ordinal);
  const std::uint64_t bytes_left = file.size - std::min(file.size, at_.offset);
  if (entries_left == 0) return Chunk{};
  for (std::uint64_t want = std::min<std::uint64_t>(max_bytes, bytes_left);;) {
    chunk.bytes.resize(want);
    const auto got = file_->read_at(at_.offset, chunk.bytes);
    if (!got) return fail(got.error());
    chunk.bytes.resize(*got);
    auto walk = walk_entries(chunk.bytes, entries_left);
    // Whole entries before a damaged one are sent; the next call then begins with it.
    if (!walk && walk.error().ordinal.value_or(0) > 0) walk = walk_entries(chunk.bytes, *walk.error().ordinal);
    if (!walk) return damaged(walk.error().message);
    if (walk->count > 0) {
      chunk.bytes.resize(walk->bytes);
      chunk.count = walk->count;
      at_.ordinal += walk->count;
      at_.offset += walk->bytes;
      return chunk;
    }
    const std::uint64_t most = std::min<std::uint64_t>(bytes_left, 2 * kMaxReadEntryBytes);
    if (want >= most) {
      return damaged("the file should have " + std::to_string(file.index.count) + " entries; no whole one is here");
    }
    want = std::min(most, want * 4);
  }
}

}  // namespace towl::detail
