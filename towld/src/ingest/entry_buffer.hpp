// EntryBuffer gathers entries that are gone before they are stored, and makes a batch of them.
//
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/batch.hpp"
#include "towl/entry.hpp"

namespace towld {

class EntryBuffer {
 public:
  /// Where the next entry's sender and text go, in this order: append to it, then call added().
  std::string& text() { return text_; }

  /// What was appended to text() since the last entry is one: its first `sender_bytes` are its sender.
  void added(std::size_t sender_bytes, towl::Timestamp received, towl::LogFormat log_format,
             std::int64_t time_offset = 0);

  void add(const towl::EntryView& entry);

  /// Bytes that belong to no entry yet are taken back.
  void take_back() { text_.resize(end_); }

  std::size_t count() const { return places_.size(); }
  std::size_t bytes() const { return end_; }
  bool empty() const { return places_.empty(); }

  /// A batch with all of them, and none here any more.
  Batch finish();

  void clear();

 private:
  struct Place {
    std::size_t sender_bytes;
    std::size_t text_bytes;
    towl::Timestamp received;
    towl::LogFormat log_format;
    std::int64_t time_offset;
  };

  std::string text_;
  std::size_t end_ = 0;  // of the last entry
  std::vector<Place> places_;
};

}  // namespace towld
