// A SealedFrame is a frame of columns before its texts are put together. It is for a search (FrameSieve) that can tell
// from templates and columns which entries cannot be wanted, or surely are.
//
// Ownership: borrows the decoder's memory during the call.
// Errors:    nullopt and false say that something is damaged. A sieve then asks for all texts: reading them reports it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "towl/entry.hpp"
#include "v2/frame.hpp"
#include "v2/text_decoder.hpp"

namespace towl::detail::v2 {

/// Provides the entries of a frame, which cost something to make.
class FrameEntries {
 public:
  virtual ~FrameEntries() = default;
  virtual std::span<const EntryView> frame_entries() = 0;
};

class SealedFrame {
 public:
  /// `format`: the one of all entries, if they have the same.
  SealedFrame(Ordinal first, std::size_t count, std::optional<LogFormat> format, FrameEntries& entries,
              TextDecoder& texts, TextDecoder& nested)
      : first_(first), count_(count), format_(format), entries_(entries), texts_(texts), nested_(nested) {}

  Ordinal first() const { return first_; }
  std::size_t count() const { return count_; }
  std::optional<LogFormat> format() const { return format_; }
  /// The entries, as far as they are wanted and without texts; formats are always there.
  std::span<const EntryView> entries() const { return entries_.frame_entries(); }
  TextDecoder& texts() { return texts_; }
  /// The texts that are nested in these; nullptr if there are none.
  TextDecoder* nested() { return texts_.nested() == 0 ? nullptr : &nested_; }

 private:
  Ordinal first_;
  std::size_t count_;
  std::optional<LogFormat> format_;
  FrameEntries& entries_;
  TextDecoder& texts_;
  TextDecoder& nested_;
};

class FrameSieve {
 public:
  virtual ~FrameSieve() = default;

  /// False: the frame with this header is skipped without reading its entries.
  virtual bool wants(const FrameHeader& /*header*/) { return true; }

  enum class Texts {
    all,   ///< All texts are put together.
    some,  ///< The chosen ones.
    none,  ///< No entry of the frame is wanted: it is skipped.
  };

  /// Which texts of the frame are put together: `chosen` has a bit for each entry, the lowest of the first word first.
  virtual Texts sift(SealedFrame& frame, std::vector<std::uint64_t>& chosen) = 0;
};

}  // namespace towl::detail::v2
