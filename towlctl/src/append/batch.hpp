// Batch gathers entries that have the same sender. Their texts are back to back in one buffer.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "towl/entry.hpp"

namespace towlctl {

class Batch {
 public:
  static constexpr std::size_t kMaxEntries = 1000;
  static constexpr std::size_t kMaxBytes = std::size_t{256} << 10;

  explicit Batch(std::string sender) : sender_(std::move(sender)) {}

  /// `time`: when it happened, if `text` says that.
  void add(towl::Timestamp received, std::optional<towl::Timestamp> time, towl::LogFormat format,
           std::string_view text) {
    items_.push_back(
        {text_.size(), text.size(), received, towl::time_offset_of(received, time.value_or(received)), format});
    text_ += text;
  }
  void clear() {
    items_.clear();
    text_.clear();
  }

  bool empty() const { return items_.empty(); }
  std::size_t size() const { return items_.size(); }
  /// One more entry of `bytes` belongs in the next batch.
  bool is_full_for(std::size_t bytes) const {
    return !empty() && (items_.size() >= kMaxEntries || text_.size() + bytes > kMaxBytes);
  }

  /// A view of entry `at`, valid while the batch is not changed.
  towl::EntryView operator[](std::size_t at) const {
    const Item& item = items_[at];
    return {sender_, item.received, item.format, std::string_view(text_).substr(item.begin, item.length),
            item.time_offset};
  }

 private:
  struct Item {
    std::size_t begin;
    std::size_t length;
    towl::Timestamp received;
    std::int64_t time_offset;
    towl::LogFormat format;
  };

  std::string sender_;
  std::string text_;
  std::vector<Item> items_;
};

}  // namespace towlctl
