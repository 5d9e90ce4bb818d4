// Tail reads the frames after what an index slot says, up to the end of what is whole. It writes nothing.
//
// Cost: in proportion to what was written since the slot.
// Threads: one at a time. Borrows the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "towl/recover.hpp"
#include "v2/frame_decoder.hpp"
#include "v2/frame_walker.hpp"
#include "v2/pages.hpp"

namespace towl::detail::v2 {

/// What the index of a file without entries says: where the walk over all of them begins. Errors: io, and those of
/// reading the header.
Result<Slot> first_slot(File& file);

/// The index of a file whose index slots cannot be read, counted from its frames. Errors: io, corrupt.
Result<Index> count_index(File& file, const Header& header);

class Tail {
 public:
  /// `from` is where to begin, and what is known.
  Tail(File& file, std::uint32_t tag, const Slot& from) : Tail(file, tag, from, from) {}

  /// `from` is where to begin; see first_slot(). `newest`: what the index says, which may be further on; nullopt if it
  /// cannot be read.
  Tail(File& file, std::uint32_t tag, Slot from, const std::optional<Slot>& newest);

  /// Brings slot() up to the last whole frame. Errors: io; corrupt if a frame holds what no writer writes.
  Result<void> walk();

  /// The index as it is at the end of the walk. `closed`, `sealed` and the sequence stay as they were.
  const Slot& slot() const { return slot_; }

  /// What is damaged …
  const std::vector<Finding>& damage() const { return damage_; }
  /// … and how many entries are lost to it.
  std::uint64_t lost() const { return lost_; }

  /// The ordinal after the last whole frame; what comes after it up to slot() is lost.
  Ordinal last_end() const { return last_end_; }

  /// The payloads' checksums of signed heads and others that travel, after the last entry, as far as the walk met them.
  const std::vector<std::uint32_t>& last_heads() const { return last_heads_; }

  /// Ordinals below this were given out: frames have them, in their right place or not.
  Ordinal met() const { return walker_.met(); }

  /// Why the bytes after the end are not a frame; empty if there are none.
  const std::string& torn() const { return doubtful_ ? doubtful_text_ : walker_.torn(); }

 private:
  Result<bool> look_at(const FrameHeader& header, std::string_view& payload, Result<Walked>& walked);
  Result<void> take(const FrameHeader& header, std::string_view payload, std::uint64_t at);
  Result<void> decode_last();

  FrameWalker walker_;
  FrameCursor cursor_;                    // for the last frame
  std::optional<std::uint64_t> last_at_;  // where it is, unless it is a gap
  FrameDecoder decoder_;
  Slot slot_;
  SkipPoints points_;
  std::vector<Finding> damage_;
  std::uint64_t lost_ = 0;
  Ordinal last_end_ = 0;
  std::optional<WalkStart> doubtful_;  // a frame without entries that is not whole, and was the last one so far
  const std::string doubtful_text_ = "a frame without entries that is not whole";
  std::vector<std::uint32_t> last_heads_;
};

}  // namespace towl::detail::v2
