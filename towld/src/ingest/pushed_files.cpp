#include "ingest/pushed_files.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

#include "limits/limits.hpp"
#include "v2/digest.hpp"
#include "v2/header_io.hpp"
#include "v2/pages.hpp"

namespace towld {
namespace {

using namespace towl::detail::v2;

template <class T>
bool take_number(std::string_view& text, T& number, int base) {
  if (text.starts_with(' ')) text.remove_prefix(1);
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (parsed.ec != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  return true;
}

tl::unexpected<towl::Error> damaged(std::string what, std::uint64_t ordinal) {
  towl::Error error{.code = towl::ErrorCode::corrupt, .message = std::move(what)};
  error.ordinal = ordinal;
  return towl::fail(std::move(error));
}

}  // namespace

std::string format_push_position(const PushPosition& position) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%llu %llu %016llx", static_cast<unsigned long long>(position.file_id),
                static_cast<unsigned long long>(position.count), static_cast<unsigned long long>(position.digest));
  return text.data();
}

std::optional<PushPosition> parse_push_position(std::string_view text) {
  PushPosition position;
  if (!take_number(text, position.file_id, 10) || !take_number(text, position.count, 10) ||
      !take_number(text, position.digest, 16) || !text.empty()) {
    return std::nullopt;
  }
  return position;
}

std::string source_of_store(std::string_view identity) { return "store/" + std::string(identity); }

PushedFiles::PushedFiles(std::string source, std::string position)
    : source_(std::move(source)),
      stored_(std::move(position)),
      position_(parse_push_position(stored_).value_or(PushPosition{})) {}

towl::Result<void> PushedFiles::begin_file(const PushPosition& from, const towl::Uuid& uuid) {
  if (from.file_id == 0 || from.file_id < position_.file_id) {
    return towl::fail(
        towl::ErrorCode::invalid_argument,
        "file " + std::to_string(from.file_id) + " was pushed before: files are pushed in the order of their IDs");
  }
  if (from.file_id > position_.file_id || from.count > position_.count) position_ = from;
  tag_ = file_tag(uuid);
  begun_ = true;
  return {};
}

towl::Result<std::vector<PushedFiles::Piece>> PushedFiles::take(std::string_view frames) {
  if (!begun_) return towl::fail(towl::ErrorCode::invalid_argument, "frames before the file that they belong to");
  std::vector<Piece> pieces;
  while (!frames.empty()) {
    FrameHeader header;
    if (read_frame_header(frames, tag_, header) != FrameFound::frame ||
        check_payload(frames, header) != FrameFound::frame) {
      return damaged("the bytes pushed are no whole frame of this file", position_.count);
    }
    if (auto taken = take_frame(header, payload_of(frames, header), pieces); !taken) return towl::fail(taken.error());
    frames.remove_prefix(static_cast<std::size_t>(header.bytes()));
  }
  finish_piece(pieces);
  return pieces;
}

towl::Result<void> PushedFiles::take_frame(const FrameHeader& header, std::string_view payload,
                                           std::vector<Piece>& pieces) {
  if (header.kind != FrameKind::data && header.kind != FrameKind::gap) {
    return damaged("a frame that holds no entries was pushed", position_.count);
  }
  if (header.first > position_.count) {
    return towl::fail(towl::ErrorCode::invalid_argument, "entry " + std::to_string(header.first) + " was pushed, " +
                                                             std::to_string(position_.count) + " is the next");
  }
  if (header.end() <= position_.count) return {};
  if (header.kind == FrameKind::gap) {
    position_.count = header.end();
    position_.digest = header.digest;
    return {};
  }
  if (header.first == position_.count && header.digest != position_.digest) {
    // Behind a gap the digest is that of the frame; elsewhere the agent's file is not the one that was pushed before.
    return damaged("the digest of the entries before this frame is another", position_.count);
  }
  if (auto begun = decoder_.begin(header, payload); !begun) return begun;
  if (auto skipped = decoder_.skip_to(position_.count); !skipped) return skipped;
  towl::EntryView entry;
  for (;;) {
    const auto more = decoder_.next(entry);
    if (!more) return towl::fail(more.error());
    if (!*more) return {};
    buffer_.add(entry);
    ++position_.count;
    position_.digest = extend_digest(position_.digest, entry);
    if (buffer_.bytes() >= kPushedPieceBytes || buffer_.count() >= kPushedPieceEntries) finish_piece(pieces);
  }
}

void PushedFiles::finish_piece(std::vector<Piece>& pieces) {
  if (buffer_.empty()) return;
  Batch batch = buffer_.finish();
  batch.expects = towl::SourcePosition{source_, stored_};
  stored_ = format_push_position(position_);
  batch.positions = {{source_, stored_}};
  pieces.push_back({std::move(batch), position_});
}

}  // namespace towld
