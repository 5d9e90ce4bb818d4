#include "pull/entry_pull.hpp"

#include <algorithm>
#include <utility>

#include "crc32c.hpp"
#include "towl/limits.hpp"
#include "v1/entry_cursor.hpp"
#include "v1/layout.hpp"

namespace towld {
namespace {

using towl::detail::v1::kDataOffset;

/// nullopt where the mirror's end is the file's at `at`; else what differs.
towl::Result<std::optional<std::string>> difference(towl::File& file, towl::Position at, const Proof& proof) {
  if (proof.size != at.offset) {
    return "entry " + std::to_string(at.ordinal) + " begins at " + std::to_string(at.offset) + ", in the mirror at " +
           std::to_string(proof.size);
  }
  std::string tail(std::min(kProofBytes, at.offset - kDataOffset), '\0');
  const auto got = file.read_at(at.offset - tail.size(), tail);
  if (!got) return towl::fail(got.error());
  if (*got == tail.size() && towl::detail::crc32c(tail) == proof.tail_crc32c) return std::nullopt;
  return "the entries before " + std::to_string(at.ordinal) + " are not the same";
}

}  // namespace

PullResult<std::unique_ptr<FilePull>> EntryPull::open(std::unique_ptr<towl::File> file, std::string path,
                                                      EntryPoints& points, const PublicFile& info, std::uint64_t count,
                                                      const std::optional<Proof>& proof) {
  auto at = points.find(info.file_id(), *file, count);
  if (!at) {
    at.error().file = path;
    return refuse(at.error());
  }
  if (proof) {
    const auto differs = difference(*file, *at, *proof);
    if (!differs) return refuse(differs.error());
    if (*differs) return refuse_diverged(info.file_id(), *differs.value());
  }
  return std::make_unique<EntryPull>(std::move(file), std::move(path), *at);
}

tl::unexpected<PullRefusal> EntryPull::damaged(const std::string& what) const {
  return refuse(towl::Error{
      .code = towl::ErrorCode::corrupt, .message = what, .file = path_, .offset = at_.offset, .ordinal = at_.ordinal});
}

PullResult<void> EntryPull::read(std::uint64_t bytes, std::string& buffer) {
  buffer.resize(bytes);
  const auto got = file_->read_at(at_.offset, buffer);
  if (!got) return refuse(got.error());
  buffer.resize(*got);
  return {};
}

PullResult<StoredChunk> EntryPull::next(const PublicFile& file, std::size_t max_bytes, std::string spare) {
  StoredChunk chunk{.at = at_, .count = 0, .bytes = std::move(spare)};
  const std::uint64_t entries_left = file.index.count - std::min(file.index.count, at_.ordinal);
  const std::uint64_t bytes_left = file.size - std::min(file.size, at_.offset);
  if (entries_left == 0) return StoredChunk{};
  for (std::uint64_t want = std::min<std::uint64_t>(max_bytes, bytes_left);;) {
    if (auto done = read(want, chunk.bytes); !done) return tl::unexpected(std::move(done.error()));
    auto walk = towl::detail::walk_entries(chunk.bytes, entries_left);
    // Whole entries in front of a damaged one are sent; the next call then finds it in front.
    if (!walk && walk.error().ordinal.value_or(0) > 0) {
      walk = towl::detail::walk_entries(chunk.bytes, *walk.error().ordinal);
    }
    if (!walk) return damaged(walk.error().message);
    if (walk->count > 0) {
      chunk.bytes.resize(walk->bytes);
      chunk.count = walk->count;
      at_.ordinal += walk->count;
      at_.offset += walk->bytes;
      return chunk;
    }
    const std::uint64_t most = std::min<std::uint64_t>(bytes_left, 2 * towl::kMaxReadEntryBytes);
    if (want >= most) {
      return damaged("the file should have " + std::to_string(file.index.count) + " entries; no whole one is here");
    }
    want = std::min(most, want * 4);
  }
}

}  // namespace towld
