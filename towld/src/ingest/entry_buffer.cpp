#include "ingest/entry_buffer.hpp"

#include <memory>
#include <utility>

namespace towld {
namespace {

/// What an entry costs in memory besides its text.
constexpr std::size_t kEntryOverheadBytes = 64;

struct Owned {
  std::string text;
};

}  // namespace

void EntryBuffer::added(std::size_t sender_bytes, towl::Timestamp received, towl::LogFormat log_format,
                        std::int64_t time_offset) {
  places_.push_back({sender_bytes, text_.size() - end_ - sender_bytes, received, log_format, time_offset});
  end_ = text_.size();
}

void EntryBuffer::add(const towl::EntryView& entry) {
  text_ += entry.sender;
  text_ += entry.log_entry;
  added(entry.sender.size(), entry.received, entry.log_format, entry.time_offset);
}

Batch EntryBuffer::finish() {
  take_back();
  auto owned = std::make_shared<Owned>();
  const std::size_t usual = text_.size();
  owned->text = std::exchange(text_, {});
  text_.reserve(usual);
  Batch batch;
  batch.bytes = owned->text.size() + places_.size() * kEntryOverheadBytes;
  batch.entries.reserve(places_.size());
  std::string_view rest = owned->text;
  for (const Place& place : places_) {
    batch.entries.push_back({rest.substr(0, place.sender_bytes), place.received, place.log_format,
                             rest.substr(place.sender_bytes, place.text_bytes), place.time_offset});
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
