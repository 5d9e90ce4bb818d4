// GapFiller takes entries that a file has lost from another copy of it, while the file is rewritten.
//
// Proof:     the running digest. It is known before and after the lost entries. Only entries that lead from the one
//            to the other are taken, so they are the lost entries, no matter who made the copy.
// Positions: a copy need not have them. The frames say that they had some, so that no reader relies on them.
// Threads:   one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "towl/file_reader.hpp"
#include "v2/frame_writer.hpp"
#include "v2/rows.hpp"
#include "v2/token_filter.hpp"
#include "v2/zstd.hpp"

namespace towl::detail::v2 {

class GapFiller {
 public:
  /// `copy` is only read. `sealed`: whether the new file is sealed.
  GapFiller(FileReader copy, bool sealed);

  /// Puts the next `count` entries into `writer`, if the copy has all of them and they lead from the digest `before` to
  /// `after`; otherwise puts nothing and returns false. Errors: those of FrameWriter::put, and io of the copy.
  Result<bool> fill(FrameWriter& writer, std::uint64_t count, std::uint64_t before, std::uint64_t after);

  /// `received` of the first and the last entry of the last fill() that was true.
  Timestamp first() const { return first_; }
  Timestamp last() const { return last_; }

 private:
  Result<bool> proves(Ordinal first, std::uint64_t count, std::uint64_t before, std::uint64_t after);
  Result<void> put_frame(FrameWriter& writer);
  void add(const EntryView& entry, Ordinal ordinal, std::uint64_t digest);

  FileReader copy_;
  const bool sealed_;
  Compressor compressor_;
  TokenFilterBuilder filter_;
  FrameHeader header_;  // of the frame that is gathered; no entries: none is
  RowEncoder rows_;
  std::string payload_;
  std::string compressed_;
  Timestamp first_ = 0;
  Timestamp last_ = 0;
};

}  // namespace towl::detail::v2
