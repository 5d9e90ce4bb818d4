#include "ingest/pushed_files.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

#include "limits/limits.hpp"
#include "towl/time.hpp"

namespace towld {
namespace {

constexpr std::string_view kStorePrefix = "store/";

template <class T>
bool take_number(std::string_view& text, T& number, int base) {
  if (text.starts_with(' ')) text.remove_prefix(1);
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (parsed.ec != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  return true;
}

/// Who and when, after the three numbers.
std::pair<std::string_view, std::optional<std::chrono::seconds>> split_owner(std::string_view text) {
  for (int i = 0; i < 3; ++i) {
    const auto blank = text.find(' ');
    if (blank == std::string_view::npos) return {};
    text.remove_prefix(blank + 1);
  }
  // Names may have an @ as well.
  const auto at = text.rfind('@');
  if (at == std::string_view::npos) return {text, std::nullopt};
  std::string_view number = text.substr(at + 1);
  std::int64_t seconds = 0;
  if (number.starts_with(' ') || !take_number(number, seconds, 10) || !number.empty()) return {text, std::nullopt};
  return {text.substr(0, at), std::chrono::seconds(seconds)};
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
      !take_number(text, position.digest, 16)) {
    return std::nullopt;
  }
  const bool has_owner = text.size() > 1 && text.front() == ' ' && text.find(' ', 1) == std::string_view::npos;
  if (!text.empty() && !has_owner) return std::nullopt;
  return position;
}

std::string format_owned_position(const PushPosition& position, const std::string& owner, std::chrono::seconds at) {
  return format_push_position(position) + " " + owner + "@" + std::to_string(at.count());
}

std::string owner_of_position(std::string_view text) { return std::string(split_owner(text).first); }

std::optional<std::chrono::seconds> seen_of_position(std::string_view text) { return split_owner(text).second; }

std::string source_of_store(std::string_view identity) { return std::string(kStorePrefix) + std::string(identity); }

std::optional<std::string_view> store_of_source(std::string_view source) {
  if (!source.starts_with(kStorePrefix)) return std::nullopt;
  return source.substr(kStorePrefix.size());
}

PushedFiles::PushedFiles(std::string source, std::string position, std::string owner, std::uint64_t max_bytes)
    : source_(std::move(source)),
      owner_(std::move(owner)),
      max_bytes_(max_bytes),
      stored_(std::move(position)),
      position_(parse_push_position(stored_).value_or(PushPosition{})) {}

towl::Result<void> PushedFiles::begin_file(const PushPosition& from, const towl::Uuid& uuid) {
  if (from.file_id == 0 || from.file_id < position_.file_id) {
    return towl::fail(
        towl::ErrorCode::invalid_argument,
        "file " + std::to_string(from.file_id) + " was pushed before: files are pushed in the order of their IDs");
  }
  if (position_.file_id > 0 && from.file_id - position_.file_id > kMaxFileJump) {
    return towl::fail(towl::ErrorCode::invalid_argument, "file " + std::to_string(from.file_id) +
                                                             " is too far from the last one pushed, " +
                                                             std::to_string(position_.file_id));
  }
  if (from.file_id > position_.file_id || from.count > position_.count) position_ = from;
  entries_.begin_file(uuid, position_.count, position_.digest);
  return {};
}

towl::Result<std::vector<PushedFiles::Piece>> PushedFiles::take(std::string_view frames) {
  // Looked at before anything is unpacked: 80 KB can become gigabytes.
  const auto unpacked = entries_.unpacked_bytes(frames, kBatchEntryOverheadBytes);
  if (!unpacked) return towl::fail(unpacked.error());
  if (*unpacked > max_bytes_) {
    return towl::fail(towl::ErrorCode::entry_too_large, "a message whose entries take " +
                                                            std::to_string(*unpacked >> 20) + " MiB once unpacked; " +
                                                            std::to_string(max_bytes_ >> 20) + " MiB are taken");
  }
  std::vector<Piece> pieces;
  const auto keep_position = [&] {
    position_.count = entries_.count();
    position_.digest = entries_.digest();
  };
  auto taken = entries_.take(
      frames,
      [&](const towl::EntryView& entry) {
        buffer_.add(entry);
        keep_position();
        if (buffer_.bytes() >= kPushedPieceBytes || buffer_.count() >= kPushedPieceEntries) finish_piece(pieces);
      },
      [&](const towl::LostEntries& gap) {
        // A piece of its own, in one frame with how far it goes: it is not sent again.
        finish_piece(pieces);
        keep_position();
        finish_piece(pieces, gap.count);
      });
  if (!taken) return towl::fail(std::move(taken.error()));
  keep_position();
  finish_piece(pieces);
  return pieces;
}

void PushedFiles::finish_piece(std::vector<Piece>& pieces, std::uint64_t gap) {
  if (buffer_.empty() && gap == 0) return;
  Batch batch = buffer_.finish();
  batch.gap = gap;
  batch.expects = towl::SourcePosition{source_, stored_};
  stored_ = format_owned_position(position_, owner_, std::chrono::seconds(towl::now() / 1'000'000'000));
  batch.positions = {{source_, stored_}};
  pieces.push_back({std::move(batch), position_});
}

}  // namespace towld
