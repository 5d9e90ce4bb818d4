#include "ingest/entry_buffer.hpp"

#include "limits/limits.hpp"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

namespace towld {
void EntryBuffer::begin() {
  text_.reserve(std::min(last_bytes_ + last_bytes_ / 8, kMaxReservedBatchBytes));
  text_ += sender_;
  end_ = text_.size();
}

void EntryBuffer::added(std::size_t sender_bytes, towl::Timestamp received, towl::LogFormat log_format,
                        std::int64_t time_offset) {
  places_.push_back({sender_bytes, text_.size() - end_ - sender_bytes, received, log_format, time_offset});
  end_ = text_.size();
}

void EntryBuffer::add(const towl::EntryView& entry) {
  text() += entry.sender;
  text_ += entry.log_entry;
  added(entry.sender.size(), entry.received, entry.log_format, entry.time_offset);
}

Batch EntryBuffer::finish() {
  take_back();
  if (!places_.empty()) last_bytes_ = text_.size();
  auto owned = std::make_shared<const std::string>(std::exchange(text_, {}));
  Batch batch;
  batch.bytes = owned->size() + places_.size() * kBatchEntryOverheadBytes;
  batch.entries.reserve(places_.size());
  const std::string_view sender = std::string_view(*owned).substr(0, places_.empty() ? 0 : sender_.size());
  std::string_view rest = std::string_view(*owned).substr(sender.size());
  for (const Place& place : places_) {
    batch.entries.push_back({place.sender_bytes > 0 ? rest.substr(0, place.sender_bytes) : sender, place.received,
                             place.log_format, rest.substr(place.sender_bytes, place.text_bytes), place.time_offset});
    rest.remove_prefix(place.sender_bytes + place.text_bytes);
  }
  batch.owner = std::move(owned);
  clear();
  return batch;
}

void EntryBuffer::clear() {
  text_.clear();
  places_.clear();
  end_ = 0;
}

}  // namespace towld
