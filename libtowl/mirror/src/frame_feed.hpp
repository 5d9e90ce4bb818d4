// FrameFeed is the FileFeed of files of format 2: stored frames, undecoded.
//
// Entries are decoded only if COUNT is within a frame; the rest of that frame is then framed again.
// Errors: corrupt if a frame makes no sense though its checksums hold; io. What is damaged is a gap in what is sent.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "towl/file_layer.hpp"
#include "towl/mirror/file_feed.hpp"
#include "towl/result.hpp"
#include "v2/footer.hpp"
#include "v2/frame_walker.hpp"

namespace towl::detail {

class FrameFeed final : public FileFeed {
 public:
  static Result<std::unique_ptr<FileFeed>> begin(std::unique_ptr<File> opened, std::string path, const ServedFile& file,
                                                 std::uint64_t count, const std::optional<MirrorProof>& proof);

  /// `path` is for errors.
  static Result<std::unique_ptr<FrameFeed>> open(std::unique_ptr<File> file, std::string path, const Uuid& uuid);

  FrameFeed(std::unique_ptr<File> file, std::string path, std::uint32_t tag, std::optional<v2::Slot> slot,
            v2::Directory directory, std::uint64_t footer_end);

  /// Goes to entry `count`, whether it can be read or not.
  Result<void> seek(Ordinal count);

  /// Where it is.
  Ordinal count() const { return count_; }
  /// The digest of all entries before count(), to which seek() has gone; nullopt if the frame that holds them is
  /// lost.
  std::optional<std::uint64_t> digest() const { return digest_; }
  /// Where the frame that begins with count() is, and the header checksum of the one before it; nullopt within a frame.
  struct Boundary {
    std::uint64_t offset = 0;
    std::uint32_t chain = 0;
    friend bool operator==(const Boundary&, const Boundary&) = default;
  };
  const std::optional<Boundary>& boundary() const { return boundary_; }

  Result<Chunk> next(const ServedFile& file, std::size_t max_bytes, std::string spare) override;

  /// The next frames, up to `until.count` entries, whose digest is `until.digest`: about `max_bytes`, more if one
  /// frame is larger. None at the limit.
  Result<Chunk> next_frames(const Index& until, std::size_t max_bytes, std::string spare = {});

  /// The next frames of what follows the entries of a sealed file; none at its end, if it is damaged, or if the file
  /// is not sealed.
  Result<Chunk> next_trailer(std::size_t max_bytes, std::string spare = {});

  /// Frames that are sent after the last entry: signed heads. None if no new one has been written.
  Result<Chunk> next_heads(bool sealed, std::string spare = {});

 private:
  Result<v2::Walked> next_to_send(v2::FrameHeader& header);
  Result<void> find_frame(Ordinal count);
  void stop_within_gap(detail::v2::FrameHeader header, Ordinal count);
  Result<void> stop_within(const v2::FrameHeader& header, std::string_view frame, Ordinal count);
  Result<void> read_ahead(Ordinal limit, std::size_t max_bytes, Chunk& chunk);
  bool expect(Ordinal count, const v2::WalkStart& here);
  Result<void> walk_frame(const Index& until, Chunk& chunk);
  void stop_at_damage(Ordinal count, std::uint64_t offset);
  void make_gap(Ordinal end, std::uint64_t digest, const std::string& why, std::uint64_t offset, Chunk& chunk);
  tl::unexpected<Error> damaged(std::string what, std::uint64_t offset, Ordinal ordinal) const;

  std::unique_ptr<File> file_;
  std::string path_;
  std::uint32_t tag_;
  std::optional<v2::Slot> slot_;
  v2::Directory directory_;
  std::uint64_t footer_end_;  // 0: not sealed
  std::unique_ptr<v2::FrameWalker> walker_;
  Ordinal count_ = 0;
  std::optional<std::uint64_t> digest_;
  std::optional<Boundary> boundary_;
  bool same_bytes_ = true;  // the copy has the file byte for byte up to where this began
  std::string rest_;        // of the frame that COUNT is within, framed again
  std::uint64_t rest_count_ = 0;
  std::uint64_t trailer_at_ = 0;  // 0: not begun
  std::uint64_t heads_at_ = 0;    // of a sealed file, the same
};

}  // namespace towl::detail
