#include "chunk.hpp"

#include <cstring>

namespace towl::detail {

void add_views(const PieceScan::Slice& slice, Chunk& chunk) {
  slice.rows->each([&](std::size_t row) {
    const std::int8_t level = slice.levels == nullptr ? std::int8_t{-1} : slice.levels[row];
    chunk.rows.push_back({slice.first + row, slice.entries[row], level});
  });
}

void copy_rows(const PieceScan::Slice& slice, const Wanted& wanted, Chunk& chunk) {
  add_views(slice, chunk);
  std::size_t bytes = 0;
  std::string_view last;
  const auto is_other = [&](std::string_view sender) {
    if (!wanted.sender || (sender.data() == last.data() && sender.size() == last.size())) return false;
    last = sender;
    return true;
  };
  for (const Chunk::Row& row : chunk.rows) {
    if (is_other(row.entry.sender)) bytes += row.entry.sender.size();
    if (wanted.text) bytes += row.entry.log_entry.size();
  }
  chunk.bytes = std::make_unique_for_overwrite<char[]>(bytes);
  chunk.kept_bytes = bytes + chunk.rows.capacity() * sizeof(Chunk::Row);
  char* to = chunk.bytes.get();
  const auto copy = [&](std::string_view text) {
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    const std::string_view copied(to, text.size());
    to += text.size();
    return copied;
  };
  last = {};
  std::string_view sender;
  for (Chunk::Row& row : chunk.rows) {
    // Neighbouring rows have the same sender, often at the same place.
    if (is_other(row.entry.sender)) sender = copy(row.entry.sender);
    row.entry.sender = wanted.sender ? sender : std::string_view();
    row.entry.log_entry = wanted.text ? copy(row.entry.log_entry) : std::string_view();
  }
}

}  // namespace towl::detail
