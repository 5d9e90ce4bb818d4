// FrameDecoder gives the entries of one data frame after the other, for every codec and layout.
//
// Memory: the decompressed frame, kept for the next one.
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "buffer.hpp"
#include "towl/entry.hpp"
#include "towl/result.hpp"
#include "v2/columns.hpp"
#include "v2/frame.hpp"
#include "v2/rows.hpp"
#include "v2/zstd.hpp"

namespace towl::detail::v2 {

class FrameDecoder {
 public:
  /// Begins a frame whose checksums hold. `payload` must stay valid until its last entry was read.
  /// Errors: corrupt, without a place: bytes that no writer writes.
  /// Parts that are not `wanted` may be missing in the entries.
  Result<void> begin(const FrameHeader& header, std::string_view payload, Wanted wanted = {});

  /// The same, but entries of a frame of columns have texts only as far as `sieve` says. False: none of them is wanted.
  Result<bool> begin_sifted(const FrameHeader& header, std::string_view payload, Wanted wanted, FrameSieve& sieve);

  /// Reads the next entry, valid until the next begin(). False after the last one. Errors: corrupt.
  Result<bool> next(EntryView& entry);

  /// The same, as many as there are, at most `most`; none after the last one. `bytes` is set to the bytes with their
  /// texts, each after the one before it, or is empty if they do not lie so. Valid until the next begin() or take().
  /// Errors: corrupt, after the entries before the damage were given.
  Result<std::span<const EntryView>> take(std::uint64_t most, std::string_view& bytes);

  /// The ordinal of the entry that next() gives next.
  Ordinal next_ordinal() const { return header_.first + read_; }

  /// Skips entries up to `ordinal`. Errors: corrupt.
  Result<void> skip_to(Ordinal ordinal);

  /// Forgets the frame: next() gives none.
  void clear() {
    header_.count = read_ = 0;
    failed_.reset();
  }

 private:
  Result<void> check_end() const;
  void start(const FrameHeader& header);
  Result<void> build(std::uint32_t end);
  bool lie_together(std::span<const EntryView> taken) const;

  FrameHeader header_;
  std::uint32_t read_ = 0;
  std::uint64_t text_bytes_ = 0;  // of the entries read
  Decompressor decompressor_;
  Buffer raw_;
  Buffer texts_;  // of rows that share fronts
  RowDecoder rows_;
  std::unique_ptr<ColumnDecoder> columns_;  // Made for the first frame that needs it: it has some memory of its own.
  std::span<const EntryView> entries_;      // of a frame of columns …
  std::uint32_t built_ = 0;                 // … of which so many have their texts …
  bool is_sifted_ = false;                  // … or are none that a sieve chose
  std::vector<EntryView> taken_;            // of rows
  std::optional<Error> failed_;             // What take() met after what it gave.
};

}  // namespace towl::detail::v2
