// FrameFeed gives the stored frames of one file from COUNT on, as they are stored: what a pull sends.
//
// Only where COUNT is within a frame are entries decoded and the frame's rest framed again.
// Ownership: owns the file. Threads: one at a time; a writer may append meanwhile.
// Errors:    corrupt with the place where frames are damaged, never bytes whose checksums do not hold; io.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "towl/file_layer.hpp"
#include "towl/file_reader.hpp"
#include "towl/result.hpp"
#include "v2/footer.hpp"
#include "v2/frame_walker.hpp"

namespace towl::detail::v2 {

/// Whole frames.
struct FrameRun {
  Position at = {};  ///< The first entry, and where the bytes are in the file.
  std::uint64_t count = 0;
  std::string bytes = {};
};

class FrameFeed {
 public:
  /// `path` is for errors.
  static Result<FrameFeed> open(std::unique_ptr<File> file, std::string path, const Uuid& uuid);

  /// Goes to entry `count`. Errors: corrupt where the file has fewer, or the frame that holds it is damaged.
  Result<void> seek(Ordinal count);

  /// Where it is.
  Ordinal count() const { return count_; }
  /// The digest of all entries before count().
  std::uint64_t digest() const { return digest_; }
  /// Where the frame that begins with count() is, and the header checksum of the one before it; nullopt within a frame.
  struct Boundary {
    std::uint64_t offset = 0;
    std::uint32_t chain = 0;
    friend bool operator==(const Boundary&, const Boundary&) = default;
  };
  const std::optional<Boundary>& boundary() const { return boundary_; }

  /// The next frames, up to entry `limit`: about `max_bytes`, more where one frame has. None at the limit.
  /// `spare` is memory to use again.
  Result<FrameRun> next(Ordinal limit, std::size_t max_bytes, std::string spare = {});

  /// The next frames of what stands behind the entries of a sealed file; none at its end, or where it is not sealed.
  Result<FrameRun> next_trailer(std::size_t max_bytes, std::string spare = {});

 private:
  FrameFeed(std::unique_ptr<File> file, std::string path, std::uint32_t tag, std::optional<Slot> slot,
            Directory directory, std::uint64_t footer_end);

  Result<void> find_frame(Ordinal count);
  Result<void> stop_within(const FrameHeader& header, std::string_view frame, Ordinal count);
  tl::unexpected<Error> damaged(std::string what, std::uint64_t offset, Ordinal ordinal) const;

  std::unique_ptr<File> file_;
  std::string path_;
  std::uint32_t tag_;
  std::optional<Slot> slot_;
  Directory directory_;
  std::uint64_t footer_end_;  // 0: not sealed
  std::unique_ptr<FrameWalker> walker_;
  Ordinal count_ = 0;
  std::uint64_t digest_ = 0;
  std::optional<Boundary> boundary_;
  std::string rest_;  // of the frame that COUNT is within, framed again
  std::uint64_t rest_count_ = 0;
  std::uint64_t trailer_at_ = 0;  // 0: not begun
};

}  // namespace towl::detail::v2
