// FrameWalker walks the frames of one file in their order and says what is damaged. Every reader, verify, repair and
// recovery walk with it, so all of them give the same entries. The rules: spec/format-v2.md, "Reading".
//
// What follows: the frame with the next ordinal, which names the header of the frame before it and is of this life of
//               the file, or of a later one.
// Damage:       bytes that are not the next frame, if another frame of the file follows and no entry is missing before
//               it, or if the missing ones were durable: an index slot counts them, or the
//               header of any later frame says so.
//               One damaged byte costs at most one frame. Ordinals never change: what is lost leaves a hole.
// End:          everything else: half a frame, or the torn tail of a crash (promise P4: torn is not rotten). The tail
//               may have whole frames; their sources are read again from before the tear.
// Cost:         a frame's header at each step.
//               Damage costs a search for the next frame.
//               The end of what can be read costs a search up to the end of the file.
// Ownership:    borrows the file; a payload is valid until the next call.
// Threads:      one at a time; a writer may append at the same time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "towl/file_layer.hpp"
#include "towl/file_reader.hpp"
#include "towl/result.hpp"
#include "v2/frame_cursor.hpp"
#include "v2/pages.hpp"

namespace towl::detail::v2 {

/// Entries that cannot be read.
struct Damage {
  std::uint64_t offset = 0;  ///< Where the bytes that are not a frame begin …
  std::uint64_t end = 0;     ///< … and where the next frame begins, or the data ends.
  Ordinal first = 0;         ///< Entries [first, last) are lost; none if both are equal.
  Ordinal last = 0;
  std::string what;
};

/// Where a walk begins.
struct WalkStart {
  Position at = {0, kDataOffset};
  std::optional<std::uint32_t> chain = {};  ///< Header checksum of the frame before, if it is known.
  bool within = false;                      ///< at.ordinal may be any entry of the frame at at.offset.
};

/// After what an index slot says.
inline WalkStart start_of(const Slot& slot) {
  WalkStart start{.at = {slot.index.count, slot.data_end}};
  if (slot.chain != 0) start.chain = slot.chain;
  return start;
}

/// What is damaged, and which entries are lost.
std::string lost_text(const Damage& damage);

enum class Walked {
  frame,   ///< A frame of entries, or a gap; from next_of_any_kind() any other.
  damage,  ///< See damage(); the next call continues after it.
  end,     ///< Nothing more, or a torn tail, or what comes after the entries of a sealed file.
};

class FrameWalker {
 public:
  /// `slot`: the index: how many entries there are, and which life the file has; nullopt if none can be read.
  FrameWalker(File& file, std::uint32_t tag, const std::optional<Slot>& slot, const WalkStart& start = {});

  /// Continues at another place.
  void move_to(const WalkStart& start);

  /// Finds the next frame with entries, or gap; does not look at its payload.
  Result<Walked> next(FrameHeader& header);

  /// The same, but also finds frames without entries: repeated header pages, and unknown kinds.
  Result<Walked> next_of_any_kind(FrameHeader& header);

  /// The payload of the frame that next() found, checked; `damage` and `end` as there.
  Result<Walked> payload(std::string_view& payload);

  /// The same, of the whole frame as stored. Its positions are not checked: see check_positions().
  Result<Walked> stored(std::string_view& frame);

  /// Whether the frame without entries that next_of_any_kind() found is whole; if so, `frame` is set to it. The walk
  /// continues after it in any case.
  Result<bool> is_whole(std::string_view& frame);

  /// Where the next frame is looked for, and its first ordinal.
  Position position() const { return now_.at; }

  /// Where the frame that next() found is.
  std::uint64_t frame_offset() const { return before_.at.offset; }

  /// Header checksum of the frame before position(); nullopt if that is damaged or not known.
  std::optional<std::uint32_t> chain() const { return now_.chain; }

  const Damage& damage() const { return damage_; }

  /// The ordinal after the highest one in all frames that were met, including skipped ones.
  Ordinal met() const { return std::max(met_, now_.at.ordinal); }

  /// Why the walk is at its end, if there are bytes that are not a frame.
  const std::string& torn() const { return torn_; }

 private:
  struct Place {
    Position at = {};
    std::optional<std::uint32_t> chain = {};
    std::optional<Life> life = {};  // of the frame before
    bool within = false;
    // Here an unchecked part of the frame before begins: it may not be all there, and what follows may
    // begin within it.
    std::uint64_t unchecked_at = 0;
  };
  struct Found {
    std::uint64_t offset = 0;
    FrameHeader header = {};
  };
  // Frames back to back, each naming the one before it.
  struct Run {
    std::size_t frames = 0;
    std::uint64_t end = 0;
    FrameHeader last = {};
  };

  Result<void> begin_at_first();
  bool is_of_this_life(const FrameHeader& header) const;
  bool is_linked(const FrameHeader& header) const;
  bool follows(const FrameHeader& header) const;
  void pass(const FrameHeader& header);
  Result<Walked> go_on_after_damage(std::uint64_t search_from, std::string what);
  Result<Walked> end_or_missing_entries(std::string what);
  Result<bool> is_vouched_for(Ordinal ordinal, std::uint64_t from);
  Result<bool> has_appeared(const Place& place, FrameHeader& header);
  Result<std::optional<Found>> find_next(std::uint64_t from);
  Result<std::optional<Found>> find_next_in_steps(std::uint64_t from, std::uint64_t until, std::size_t step);
  Result<bool> belongs_here(const Found& found);
  Result<bool> is_whole(const Found& found);
  Result<Run> run_from(const Found& found);

  File* file_;
  FrameCursor cursor_;
  bool is_at_first_ = false;  // the first frame comes next, and what it names must be looked up
  Ordinal count_ = 0;         // The number of entries, as the slot says …
  std::uint64_t data_end_ = 0;
  std::optional<std::uint32_t> count_chain_;
  Life life_ = {};          // … and as it says, the life that begins …
  Ordinal life_begin_ = 0;  // … with this ordinal.
  bool knows_slot_ = false;
  Place now_;
  Place before_;                         // now_ as it was before the frame that next() found,
  FrameHeader header_;                   // which is this one
  std::optional<std::uint32_t> broken_;  // header checksum of a frame whose payload is damaged
  Position vouched_ = {};  // The most entries that a header met on the way says were durable, and where it is.
  Ordinal met_ = 0;
  Damage damage_;
  std::string torn_;
};

}  // namespace towl::detail::v2
