// EntryCursor walks the entries of an open file through one buffer; walk_entries walks bytes that are in memory.
//
// Ownership: borrows the file; a view that next() gave is valid until the next call.
// Threads:   one at a time.
// Errors:    only those of the file layer. Whether bytes are an entry is an outcome, not an error: the caller
//            knows what an incomplete or damaged one means to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "towl/entry.hpp"
#include "towl/file_layer.hpp"
#include "towl/file_reader.hpp"
#include "towl/limits.hpp"
#include "towl/result.hpp"
#include "v1/entry_codec.hpp"

namespace towl::detail {

/// Whole entries at the front of some bytes.
struct Walk {
  std::uint64_t count = 0;
  std::size_t bytes = 0;
};

/// Counts the whole entries, at most `max_count`, at the front of `bytes`. An incomplete one ends the walk.
/// Errors: corrupt and entry_too_large, with `offset` from the front of `bytes` and `ordinal` counted from 0 there.
Result<Walk> walk_entries(std::string_view bytes, std::uint64_t max_count,
                          std::size_t max_entry_bytes = kMaxReadEntryBytes);

class EntryCursor {
 public:
  EntryCursor(File& file, Position at, std::size_t max_entry_bytes = kMaxReadEntryBytes);

  /// Reads the entry at position() and moves past it. The position stays for all but Found::entry; incomplete is
  /// also the answer at the file's end. Bytes of an incomplete entry are read again by the next call: a writer may
  /// have replaced them.
  Result<v1::Found> next(EntryView& entry);

  /// The same for bytes already read: `incomplete` if more are needed. Views of earlier entries stay valid.
  v1::Found next_buffered(EntryView& entry);

  /// The same without decoding.
  Result<v1::Found> skip();

  Position position() const { return position_; }
  void move_to(Position position);

 private:
  template <class Step>
  Result<v1::Found> step(Step take);
  Result<std::size_t> read_more();

  File* file_;
  v1::EntryDecoder decoder_;
  Position position_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;  // The entry at position_ begins here in the buffer …
  std::size_t end_ = 0;    // … and the bytes read end here.
};

}  // namespace towl::detail
