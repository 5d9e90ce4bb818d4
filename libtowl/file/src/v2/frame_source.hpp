// The entries of a file of format 2, sealed or still growing: frames that are not wanted are skipped.
#pragma once

#include <optional>

#include "entry_source.hpp"
#include "v2/footer.hpp"
#include "v2/frame_decoder.hpp"
#include "v2/frame_walker.hpp"
#include "v2/pages.hpp"
#include "v2/token_filter.hpp"

namespace towl::detail::v2 {

class FrameSource final : public EntrySource {
 public:
  /// `slot` and `directory`: hints to find ordinals and times by; the frames are the truth.
  FrameSource(File& file, std::string path, std::uint32_t tag, const std::optional<Slot>& slot, Directory directory,
              const ReadOptions& options);

  Result<bool> next(EntryView& entry) override;
  Result<bool> next_batch(Ordinal end, EntryBatch& batch) override;
  Ordinal ordinal() const override { return decoder_.next_ordinal() - 1; }
  Result<void> seek(Ordinal ordinal) override;
  void seek(const Position& position) override;
  Position position() const override;
  Result<Position> skip_to_end() override;
  Result<void> points(std::uint64_t every_bytes, std::vector<Position>& points) override;
  Result<void> pieces(std::vector<Piece>& pieces) override;

 private:
  bool in_time_range(const EntryView& entry) const {
    return (!since_ || entry.time() >= *since_) && (!until_ || entry.time() < *until_);
  }
  bool may_be_in_range(Timestamp earliest, Timestamp latest) const {
    return (!since_ || latest >= *since_) && (!until_ || earliest < *until_);
  }
  bool is_wanted(const FrameHeader& header) const {
    return header.end() > wanted_ && may_be_in_range(header.event_min, header.event_max);
  }
  Result<bool> next_frame(Ordinal end);
  Result<bool> take_frame(const FrameHeader& header, bool& is_wanted);
  void jump_to_wanted(Ordinal end);
  void directory_pieces(std::vector<Piece>& pieces) const;
  Result<void> walked_pieces(std::vector<Piece>& pieces);
  bool may_hold_words(const DirectoryEntry& entry) const;
  bool is_unwanted(Directory::const_iterator entry) const;
  bool is_last_and_unwanted(const FrameHeader& header) const;
  WalkStart start_for(Ordinal ordinal) const;
  tl::unexpected<Error> damaged(const Damage& damage) const;
  tl::unexpected<Error> damaged(Error error);

  File& file_;
  std::string path_;
  std::uint32_t tag_;
  std::optional<Timestamp> since_;
  std::optional<Timestamp> until_;
  std::size_t max_entry_bytes_;
  Wanted wanted_parts_;
  FrameSieve* sieve_;
  std::vector<std::vector<FilterToken>> words_;  // the tokens of each alternative
  std::vector<std::pair<Ordinal, Ordinal>> within_;
  Directory directory_;
  std::vector<SkipPoint> skip_points_;
  Ordinal count_ = 0;  // Entries of a sealed file.
  FrameWalker walker_;
  FrameDecoder decoder_;
  Position frame_at_;  // of the frame that is being decoded
  Ordinal wanted_ = 0;
  bool in_frame_ = false;
};

}  // namespace towl::detail::v2
