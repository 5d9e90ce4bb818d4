#include "v2/rows.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "bytes.hpp"
#include "v2/varint.hpp"

namespace towl::detail::v2 {
namespace {

// How many bytes at their fronts are the same, at most kMaxSharedBytes.
std::size_t shared_front(std::string_view a, std::string_view b) {
  const std::size_t most = std::min({a.size(), b.size(), kMaxSharedBytes});
  std::size_t at = 0;
  for (; at + 8 <= most; at += 8) {
    const auto difference =
        load_little_endian<std::uint64_t>(a.data() + at) ^ load_little_endian<std::uint64_t>(b.data() + at);
    if (difference != 0) return at + static_cast<std::size_t>(std::countr_zero(difference)) / 8;
  }
  while (at < most && a[at] == b[at]) ++at;
  return at;
}

}  // namespace

void RowEncoder::encode(const EntryView& entry, std::string& to) {
  std::array<char, kMaxRowOverhead> bytes;
  char* end = put_varint(bytes.data(), zigzag_difference(entry.received, received_));
  received_ = entry.received;
  const bool same_sender = entry.sender == std::string_view(to.data() + sender_at_, sender_bytes_);
  const bool has_time = entry.time_offset != 0;
  end = put_varint(end, (same_sender ? 0 : 2 * (std::uint64_t{entry.sender.size()} + 1)) + (has_time ? 1 : 0));
  if (!same_sender) {
    to.append(bytes.data(), static_cast<std::size_t>(end - bytes.data()));
    sender_at_ = to.size();
    sender_bytes_ = entry.sender.size();
    to.append(entry.sender);
    end = bytes.data();
  }
  if (has_time) {
    end = put_varint(end, zigzag_difference(entry.time(), time_.value_or(entry.received)));
    time_ = entry.time();
  }
  const std::size_t shared = shared_front(front_, entry.log_entry);
  front_.replace(shared, std::string::npos, entry.log_entry.substr(shared, kMaxSharedBytes - shared));
  end = put_varint(end, shared);
  const std::string_view rest = entry.log_entry.substr(shared);
  const bool same_format = entry.log_format == format_;
  end = put_varint(end, 2 * std::uint64_t{rest.size()} + (same_format ? 0 : 1));
  if (!same_format) {
    format_ = entry.log_format;
    store_little_endian(end, static_cast<std::int32_t>(format_));
    end += sizeof(std::int32_t);
  }
  to.append(bytes.data(), static_cast<std::size_t>(end - bytes.data()));
  to.append(rest);
}

bool RowDecoder::next(EntryView& entry) {
  const auto received = take_varint(left_);
  const auto sender = take_varint(left_);
  if (!received || !sender) return false;
  if (const std::uint64_t length = *sender >> 1; length > 0) {
    if (length - 1 > left_.size()) return false;
    sender_ = left_.substr(0, static_cast<std::size_t>(length - 1));
    left_.remove_prefix(sender_.size());
  }
  received_ = add_zigzag(received_, *received);
  std::int64_t time_offset = 0;
  if ((*sender & 1) != 0) {
    const auto time = take_varint(left_);
    if (!time) return false;
    time_ = add_zigzag(time_.value_or(received_), *time);
    time_offset = time_offset_of(received_, *time_);
  }
  const auto shared = take_varint(left_);
  const auto text = take_varint(left_);
  if (!shared || !text || *shared > text_.size() || *shared > kMaxSharedBytes) return false;
  if ((*text & 1) != 0) {
    if (left_.size() < sizeof(std::int32_t)) return false;
    format_ = static_cast<LogFormat>(load_little_endian<std::int32_t>(left_.data()));
    left_.remove_prefix(sizeof(std::int32_t));
  }
  if (*text >> 1 > left_.size()) return false;
  const std::string_view rest = left_.substr(0, static_cast<std::size_t>(*text >> 1));
  left_.remove_prefix(rest.size());
  // Texts that share no front are copied too if there is room: adjacent texts are searched in one go.
  if (*shared == 0 && rest.size() > texts_.size()) {
    text_ = rest;
  } else {
    const auto front = static_cast<std::size_t>(*shared);
    if (front + rest.size() > texts_.size()) return false;
    if (front > 0) std::memcpy(texts_.data(), text_.data(), front);
    if (!rest.empty()) std::memcpy(texts_.data() + front, rest.data(), rest.size());
    text_ = {texts_.data(), front + rest.size()};
    texts_ = texts_.subspan(text_.size());
  }
  entry = {sender_, received_, format_, text_, time_offset};
  return true;
}

}  // namespace towl::detail::v2
