#include "v2/rows.hpp"

#include <array>
#include <cstring>

#include "bytes.hpp"
#include "v2/varint.hpp"

namespace towl::detail::v2 {

void RowEncoder::encode(const EntryView& entry, std::string& to) {
  std::array<char, kMaxRowOverhead> bytes;
  char* end = put_varint(bytes.data(), zigzag_difference(entry.received, time_));
  time_ = entry.received;
  const bool same_sender = entry.sender == std::string_view(to.data() + sender_at_, sender_bytes_);
  end = put_varint(end, same_sender ? 0 : entry.sender.size() + 1);
  if (!same_sender) {
    to.append(bytes.data(), static_cast<std::size_t>(end - bytes.data()));
    sender_at_ = to.size();
    sender_bytes_ = entry.sender.size();
    to.append(entry.sender);
    end = bytes.data();
  }
  const bool same_format = entry.log_format == format_;
  end = put_varint(end, 2 * std::uint64_t{entry.log_entry.size()} + (same_format ? 0 : 1));
  if (!same_format) {
    format_ = entry.log_format;
    store_little_endian(end, static_cast<std::int32_t>(format_));
    end += sizeof(std::int32_t);
  }
  to.append(bytes.data(), static_cast<std::size_t>(end - bytes.data()));
  to.append(entry.log_entry);
}

bool RowDecoder::next(EntryView& entry) {
  const auto time = take_varint(left_);
  const auto sender = take_varint(left_);
  if (!time || !sender) return false;
  if (*sender > 0) {
    if (*sender - 1 > left_.size()) return false;
    sender_ = left_.substr(0, static_cast<std::size_t>(*sender - 1));
    left_.remove_prefix(sender_.size());
  }
  const auto text = take_varint(left_);
  if (!text) return false;
  if ((*text & 1) != 0) {
    if (left_.size() < sizeof(std::int32_t)) return false;
    format_ = static_cast<LogFormat>(load_little_endian<std::int32_t>(left_.data()));
    left_.remove_prefix(sizeof(std::int32_t));
  }
  const std::uint64_t length = *text >> 1;
  if (length > left_.size()) return false;
  time_ = add_zigzag(time_, *time);
  entry = {sender_, time_, format_, left_.substr(0, static_cast<std::size_t>(length))};
  left_.remove_prefix(entry.log_entry.size());
  return true;
}

}  // namespace towl::detail::v2
