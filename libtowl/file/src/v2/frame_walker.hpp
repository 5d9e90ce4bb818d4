// FrameWalker walks the frames with entries of one file in their order, and tells damage from a torn tail.
//
// What follows: the frame whose first ordinal is the next one and which names the header of the frame before it.
//               Anything else is damage, or, above what is known to be durable, the torn tail of a crash: that is
//               simply the end (promise P4: torn is not rotten).
// Behind damage it goes on with the next whole frame whose ordinals are not lower: one damaged byte costs at most one
//               frame. Ordinals never change: what is lost leaves a hole.
// Stale blocks: a disk that lost writes has frames of an earlier life of the file in their place, valid by themselves.
// Such
//               a frame does not name the one before it; where that one is lost, it knows of less that was durable than
//               frames before it, the frames behind it do not name it, or it does not lead to where an index slot says
//               that entries end. It is damage, not entries. Not told apart: stale frames with lost entries in front of
//               them and behind them, that know of no less that was durable.
// Ownership:    borrows the file; a payload lives until the next call.
// Threads:      one at a time; a writer may append meanwhile.
// Format:       spec/format-v2.md, "Reading", "Damage".
#pragma once

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
  std::uint64_t offset = 0;  ///< Where the bytes that are no frame begin …
  std::uint64_t end = 0;     ///< … and where the next frame does, or the data ends.
  Ordinal first = 0;         ///< Entries [first, last) are lost; none where both are equal.
  Ordinal last = 0;
  std::string what;
};

/// What an index slot tells: behind `at` is the frame whose header has the checksum `chain`.
struct Anchor {
  Position at = {};
  std::uint32_t chain = 0;
};

inline Anchor anchor_of(const Slot& slot) { return {{slot.index.count, slot.data_end}, slot.chain}; }

/// Where a walk begins.
struct WalkStart {
  Position at = {0, kDataOffset};
  std::optional<std::uint32_t> chain = {};  ///< Header checksum of the frame before, where it is known.
  Ordinal durable = 0;                      ///< Entries below this were on stable storage once.
  bool within = false;                      ///< at.ordinal is any of the entries of the frame at at.offset.
  std::optional<Anchor> anchor = {};        ///< For good: move_to() leaves it.
};

enum class Walked {
  frame,   ///< A frame of entries, or a gap.
  damage,  ///< See damage(); the next call goes on behind it.
  end,     ///< Nothing more, or a torn tail, or what stands behind the entries of a sealed file.
};

class FrameWalker {
 public:
  FrameWalker(File& file, std::uint32_t tag, const WalkStart& start = {});

  /// Goes on at another place.
  void move_to(const WalkStart& start);

  /// Finds the next frame; its payload is not looked at.
  Result<Walked> next(FrameHeader& header);

  /// The payload of the frame that next() found, checked; `damage` and `end` as there.
  Result<Walked> payload(std::string_view& payload);

  /// The same, of the whole frame as stored.
  Result<Walked> stored(std::string_view& frame);

  /// Where the next frame is looked for, and its first ordinal.
  Position position() const { return at_; }

  /// Header checksum of the frame before position().
  std::optional<std::uint32_t> chain() const { return chain_; }

  /// Entries below this are known to have been on stable storage.
  Ordinal durable() const { return durable_; }

  const Damage& damage() const { return damage_; }

  /// Why the walk is at its end, where bytes stand there that are no frame.
  const std::string& torn() const { return torn_; }

 private:
  struct Found {
    std::uint64_t offset = 0;
    FrameHeader header = {};
  };

  Result<Walked> resume_behind_damage(std::uint64_t offset, std::uint64_t search_from, std::string what);
  Result<Walked> pass_damaged_payload(FrameFound found);
  Result<std::optional<Found>> find_next(std::uint64_t from, std::uint64_t until, Ordinal first, Ordinal end);
  Result<bool> belongs_here(const Found& found);

  FrameCursor cursor_;
  Position at_;
  std::optional<std::uint32_t> chain_;
  Ordinal durable_;
  bool within_;
  std::optional<Anchor> anchor_;
  Ordinal last_durable_ = 0;     // as the frames say that were passed since move_to()
  FrameHeader header_;           // the frame that next() found …
  std::uint64_t header_at_ = 0;  // … and where
  Damage damage_;
  std::string torn_;
};

}  // namespace towl::detail::v2
