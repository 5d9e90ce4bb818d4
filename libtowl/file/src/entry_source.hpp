// EntrySource walks the entries of one open file of any format.
//
// Ownership: borrows the file; a view is valid until the next call.
// Threads:   one at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "towl/entry.hpp"
#include "towl/file_layer.hpp"
#include "towl/file_reader.hpp"
#include "towl/result.hpp"

namespace towl::detail {

class EntrySource {
 public:
  virtual ~EntrySource() = default;

  /// The next entry in the time range; false at the end of what is there now. Errors: io; corrupt and entry_too_large
  /// with file, offset and ordinal: the next call then continues after the damage if the format allows that.
  virtual Result<bool> next(EntryView& entry) = 0;

  /// As FileReader::next_batch(); false if nothing more comes before `end`.
  virtual Result<bool> next_batch(Ordinal end, EntryBatch& batch) = 0;

  /// The ordinal of the entry that next() gave last.
  virtual Ordinal ordinal() const = 0;

  /// Continues at `ordinal`, or waits for the file to reach it.
  virtual Result<void> seek(Ordinal ordinal) = 0;
  virtual void seek(const Position& position) = 0;
  virtual Position position() const = 0;
  virtual Result<Position> skip_to_end() = 0;

  /// As FileReader::points().
  virtual Result<void> points(std::uint64_t every_bytes, std::vector<Position>& points) = 0;

  /// As FileReader::pieces().
  virtual Result<void> pieces(std::vector<Piece>& pieces) = 0;
};

}  // namespace towl::detail
