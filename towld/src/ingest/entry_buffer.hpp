// EntryBuffer gathers entries whose bytes are gone before they are stored: in one run of bytes, as a batch.
//
// Memory:  the size of the batch before is reserved when the next one begins: growing step by step would copy it all
//          once more. A buffer that waits for entries holds nothing.
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "ingest/batch.hpp"
#include "towl/entry.hpp"

namespace towld {

class EntryBuffer {
 public:
  /// `sender` is that of entries that have none of their own; it is in each batch once.
  explicit EntryBuffer(std::string sender = {}) : sender_(std::move(sender)) {}

  /// Where the next entry's sender and text go, in this order: append to it, then call added().
  std::string& text() {
    if (text_.empty()) begin();
    return text_;
  }

  /// What was appended to text() since the last entry is one: its first `sender_bytes` are its sender.
  void added(std::size_t sender_bytes, towl::Timestamp received, towl::LogFormat log_format,
             std::int64_t time_offset = 0);

  void add(const towl::EntryView& entry);

  /// Bytes that belong to no entry yet are taken back.
  void take_back() { text_.resize(end_); }

  std::size_t count() const { return places_.size(); }
  std::size_t bytes() const { return end_; }
  bool empty() const { return places_.empty(); }

  /// Moves all of them into a batch; none is left here.
  Batch finish();

  void clear();

 private:
  struct Place {
    std::size_t sender_bytes;  // 0: the common sender
    std::size_t text_bytes;
    towl::Timestamp received;
    towl::LogFormat log_format;
    std::int64_t time_offset;
  };

  void begin();

  std::string sender_;
  std::string text_;            // the common sender, then the entries
  std::size_t end_ = 0;         // of the last entry
  std::size_t last_bytes_ = 0;  // of the batch before
  std::vector<Place> places_;
};

}  // namespace towld
