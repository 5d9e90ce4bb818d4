// Entries of format 2: rows, cut into frames of about 64 KiB, compressed if that pays.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "appender.hpp"
#include "v2/frame.hpp"
#include "v2/pages.hpp"
#include "v2/rows.hpp"
#include "v2/zstd.hpp"

namespace towl::detail::v2 {

/// A frame of an open file holds at most this much before compression, except for a single entry that is larger. A
/// COUNT within a frame, and a damaged byte, cost so much.
inline constexpr std::size_t kOpenFrameBytes = std::size_t{64} << 10;

class FrameAppender final : public Appender {
 public:
  /// Continues after what `slot` says, which is what the file has.
  /// `compress`: large frames, if it pays. `page`: the file's header page, which is repeated on the way; empty: it
  /// is not.
  FrameAppender(std::uint32_t tag, Slot slot, std::size_t usual_bytes, bool compress, std::string page = {});

  void add(const EntryView& entry, Index& index) override;
  bool add_together(std::span<const EntryView> entries, std::span<const SourcePosition> positions,
                    Index& index) override;
  bool add_gap(std::uint64_t count, std::span<const SourcePosition> positions, Timestamp when, Index& index) override;
  std::size_t gathered_bytes() const override { return rows_.size() + frames_.size() * (kFrameHeaderBytes + 7); }
  std::string_view stored(Ordinal durable, std::uint64_t offset) override;
  std::string_view closing(Ordinal durable, const Index& index, std::uint64_t offset) override;
  std::string_view head(std::string_view payload, Ordinal durable, const Index& index, std::uint64_t offset) override;
  void begin_life(std::uint32_t random, Ordinal first) override;
  void written(std::uint64_t offset) override;
  void drop() override;
  void synced() override;
  Result<void> write_index(File& file, const Index& index, const Position& end) override;
  Result<void> visit_stored(std::string_view bytes, const VisitEntry& visit, const VisitGap& gap) const override;

 private:
  // A planned frame: its rows are [begin, end) of rows_; none in a gap.
  struct Frame {
    std::size_t begin = 0;
    std::size_t end = 0;
    RowEncoder rows = {};
    FrameHeader header = {};
    std::vector<SourcePosition> positions = {};
    std::uint64_t offset = 0;  // once it is stored
  };
  // The state of the file after its last frame.
  struct Tail {
    std::uint32_t chain = 0;
    std::uint64_t last_frame = 0;
    bool ends_with_copy = false;  // of the header page
    SkipPoints points = {};
  };

  Frame& frame_for(std::size_t bytes, std::size_t count, Index& index, const EntryView& first);
  void add_to(Frame& frame, const EntryView& entry, Index& index);
  void store(FrameHeader& header, std::string_view payload, std::string_view positions, std::uint64_t offset);
  void store_copy(Ordinal first, std::uint64_t digest, Ordinal durable, std::uint64_t offset);

  const std::uint32_t tag_;
  const std::size_t usual_bytes_;
  const bool compress_;
  const std::string page_;
  Life life_;
  Ordinal life_begin_;
  std::uint64_t sequence_;
  Tail tail_;
  Tail durable_tail_;
  std::uint32_t stored_chain_ = 0;  // as of stored_ …
  std::uint64_t stored_last_frame_ = 0;
  bool stored_is_copy_ = false;  // … which is one of the header page
  std::string rows_;
  std::vector<Frame> frames_;
  Compressor compressor_;
  std::string compressed_;
  std::string positions_;  // of a frame, as stored
  std::string stored_;
};

}  // namespace towl::detail::v2
