// A SealedFrame is a frame of columns before its texts are put together, for a search that can tell from templates and
// columns which entries cannot be wanted, or surely are: FrameSieve.
//
// Ownership: borrows the decoder's memory, for the call.
// Errors:    nullopt and false say that something is damaged. Who meets that asks for all texts, and reading them tells.
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

/// Has the entries of a frame, which cost something to make.
class FrameEntries {
 public:
  virtual ~FrameEntries() = default;
  virtual std::span<const EntryView> frame_entries() = 0;
};

class SealedFrame {
 public:
  /// `format`: of all entries, where they have one.
  SealedFrame(Ordinal first, std::size_t count, std::optional<LogFormat> format, FrameEntries& entries,
              TextDecoder& texts, TextDecoder& nested)
      : first_(first), count_(count), format_(format), entries_(entries), texts_(texts), nested_(nested) {}

  Ordinal first() const { return first_; }
  std::size_t count() const { return count_; }
  std::optional<LogFormat> format() const { return format_; }
  /// As far as they are wanted and without texts; formats are always there.
  std::span<const EntryView> entries() const { return entries_.frame_entries(); }
  TextDecoder& texts() { return texts_; }
  /// The texts that are nested in these; nullptr where none is.
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

  /// False: the frame with this header is passed over without reading its entries.
  virtual bool wants(const FrameHeader& /*header*/) { return true; }

  enum class Texts {
    all,   ///< All texts are put together.
    some,  ///< Those that are chosen.
    none,  ///< No entry of the frame is wanted: it is passed over.
  };

  /// Which texts of the frame are put together: `chosen` has a bit for each entry, the lowest of the first word first.
  virtual Texts sift(SealedFrame& frame, std::vector<std::uint64_t>& chosen) = 0;
};

}  // namespace towl::detail::v2
