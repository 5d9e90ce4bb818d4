#include "v2/gap_filler.hpp"

#include <algorithm>
#include <utility>

#include "v2/columns.hpp"
#include "v2/digest.hpp"
#include "v2/frame_appender.hpp"

namespace towl::detail::v2 {

GapFiller::GapFiller(FileReader copy, bool sealed) : copy_(std::move(copy)), sealed_(sealed), compressor_(kSealLevel) {}

Result<bool> GapFiller::fill(FrameWriter& writer, std::uint64_t count, std::uint64_t before, std::uint64_t after) {
  const Ordinal first = writer.slot().index.count;
  auto good = proves(first, count, before, after);
  if (!good || !*good) return good;
  // Reads it a second time: what is lost may be more than memory holds.
  if (auto done = copy_.seek(first); !done) return fail(std::move(done.error()));
  header_ = {};
  std::uint64_t digest = before;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto entry = copy_.next();
    if (!entry) return fail(entry.error());
    if (!*entry) return fail(ErrorCode::io, "the copy changed while it was read");
    if (i == 0) first_ = (*entry)->received;
    last_ = (*entry)->received;
    add(**entry, first + i, digest);
    digest = extend_digest(digest, **entry);
    const bool full = payload_.size() >= (sealed_ ? kSealedFrameBytes : kOpenFrameBytes) ||
                      header_.count == kMaxFrameEntries || i + 1 == count;
    if (!full) continue;
    if (auto done = put_frame(writer); !done) return fail(std::move(done.error()));
  }
  if (digest != after) return fail(ErrorCode::io, "the copy changed while it was read");
  return true;
}

// What cannot be read of the copy, or is another entry, proves nothing; this is not an error.
Result<bool> GapFiller::proves(Ordinal first, std::uint64_t count, std::uint64_t before, std::uint64_t after) {
  if (auto done = copy_.seek(first); !done) return fail(std::move(done.error()));
  std::uint64_t digest = before;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto entry = copy_.next();
    if (!entry && entry.error().code == ErrorCode::io) return fail(entry.error());
    if (!entry || !*entry || copy_.ordinal() != first + i) return false;
    digest = extend_digest(digest, **entry);
  }
  return digest == after;
}

void GapFiller::add(const EntryView& entry, Ordinal ordinal, std::uint64_t digest) {
  FrameHeader& header = header_;
  if (header.count == 0) {
    header.kind = FrameKind::data;
    header.layout = Layout::rows;
    header.first = ordinal;
    header.digest = digest;
    header.min = header.max = entry.received;
    header.event_min = header.event_max = entry.time();
    header.positions_left_out = true;
    rows_ = RowEncoder();
    payload_.clear();
  }
  ++header.count;
  header.min = std::min(header.min, entry.received);
  header.max = std::max(header.max, entry.received);
  header.event_min = std::min(header.event_min, entry.time());
  header.event_max = std::max(header.event_max, entry.time());
  header.text_bytes += static_cast<std::uint32_t>(entry.sender.size() + entry.log_entry.size());
  rows_.encode(entry, payload_);
  if (sealed_) filter_.add(entry);
}

Result<void> GapFiller::put_frame(FrameWriter& writer) {
  header_.raw_bytes = static_cast<std::uint32_t>(payload_.size());
  const bool pays = compressor_.compress(payload_, compressed_) && compressed_.size() < payload_.size();
  header_.codec = pays ? Codec::zstd : Codec::raw;
  const FrameHeader header = std::exchange(header_, FrameHeader());
  return writer.put(header, pays ? compressed_ : payload_, {}, sealed_ ? filter_.finish() : std::string());
}

}  // namespace towl::detail::v2
