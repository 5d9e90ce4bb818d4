// FileReader reads one towl file of either format, closed or still growing, from its first entry to its last or from
// any ordinal, in constant memory.
//
// Formats: spec/format-v1.md, spec/format-v2.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "towl/entry.hpp"
#include "towl/file_layer.hpp"
#include "towl/header.hpp"
#include "towl/limits.hpp"
#include "towl/result.hpp"

namespace towl {

namespace detail::v2 {
class FrameSieve;
}

struct ReadOptions {
  /// Only entries with since <= event time < until are returned by next(); in format 1 that is `received`.
  std::optional<Timestamp> since = {};
  std::optional<Timestamp> until = {};
  /// A hint for searches: only entries are wanted whose texts contain all words of one of these alternatives, as whole
  /// words: runs of ASCII letters, digits and `_` between other characters, in either case. Frames of sealed files are
  /// skipped if they are known to have no such entry; other entries without the words may still be returned. Empty:
  /// all.
  std::vector<std::vector<std::string>> words = {};
  /// The same for ordinals: only entries in one of these runs [first, second) are wanted. They ascend. Empty: all.
  std::vector<std::pair<Ordinal, Ordinal>> within = {};
  /// What may be left out of entries; the event time is always there if `since` or `until` is given.
  Wanted wanted = {};
  /// A larger entry is the error entry_too_large. At most this and a little more is kept in memory.
  std::size_t max_entry_bytes = kMaxReadEntryBytes;
  FileLayer* layer = nullptr;  ///< nullptr: posix_file_layer(). Must outlive the reader.
  /// For towl::Search, which looks at sealed frames before their texts are put together. Must outlive the reader.
  detail::v2::FrameSieve* sieve = nullptr;
};

/// Where a reader is: the next entry's ordinal, and the byte offset at which that entry starts. In format 2 this is the
/// offset of the frame that holds it.
struct Position {
  Ordinal ordinal = 0;
  std::uint64_t offset = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

/// Entries that are read together: those of a frame, or, in format 1, those that one read of the disk returned.
struct EntryBatch {
  Ordinal first = 0;  ///< Ordinal of the first one; the others follow without a hole.
  std::span<const EntryView> entries = {};
  /// All texts are within these bytes, each after the one before it, so that they can be searched in one go. Empty if
  /// they are not.
  std::string_view bytes = {};
};

/// A stretch of a file that can be read by itself: a frame of a sealed file, about kMaxPieceBytes of another one.
struct Piece {
  Position begin = {};
  Ordinal end = 0;          ///< The ordinal after its last entry.
  Timestamp event_min = 0;  ///< No entry of it happened before this …
  Timestamp event_max = 0;  ///< … or after this. If they are not known: the earliest and the latest possible time.
};

/// Bounds of a piece, for texts and entries as they are in memory: a caller that reads backwards holds one piece. A
/// single frame may be larger: spec/format-v2.md, "Frames".
inline constexpr std::uint64_t kMaxPieceBytes = std::uint64_t{1} << 20;
inline constexpr std::uint64_t kMaxPieceEntries = std::uint64_t{1} << 16;

/// Reads one towl file. Move-only; owns its descriptor. One thread at a time; many readers may share a file,
/// also while another process appends to it: half an entry is never returned.
class FileReader {
 public:
  /// Opens `path` and reads its header and index. A damaged index page is not an error: the entries do not need it.
  /// Errors: not_found, permission_denied, io, not_a_towl_file, unsupported_version, corrupt (the header page).
  static Result<FileReader> open(const std::filesystem::path& path, const ReadOptions& options = {});

  FileReader(FileReader&&) noexcept;
  FileReader& operator=(FileReader&&) noexcept;
  ~FileReader();

  const Header& header() const;

  /// The index page as it was at open() or at the last refresh_index(); all zero if it is damaged. A hint: a
  /// growing or crashed file may have more or fewer entries than it says.
  const Index& index() const;

  /// Reads the index page again. Errors: io, corrupt; the old index is kept.
  Result<void> refresh_index();

  /// The next entry (within the time range of the options), or nullopt at the end of what is there *now*; a
  /// later call may return more. The view is valid until the next call on this reader.
  /// Errors: corrupt and entry_too_large, with file, offset and ordinal; io. In a file of format 2 the next call then
  /// continues after the damage. In one of format 1 the reader stays where it is, because there is no way to find the
  /// next entry after a damaged one.
  Result<std::optional<EntryView>> next();

  /// The same, with as many entries as are available at once: from the position to the end of its frame. The time range
  /// of the options only skips whole frames: the batch may have entries outside of it. nullopt: nothing more before the
  /// ordinal `end`. Valid until the next call on this reader. Errors: as next().
  Result<std::optional<EntryBatch>> next_batch(Ordinal end = ~Ordinal{0});

  /// The ordinal of the entry that the last successful next() returned.
  Ordinal ordinal() const;

  /// Continues at `ordinal` (0: the first entry). In a sealed file this costs one frame. In an open file of format 2 it
  /// reads the headers of some of the frames, at most a twelfth of them in a large file; in a file of format 1 it skips
  /// all entries on the way, and starts at the first one to go back. `ordinal` may be past the end: next() then returns
  /// nullopt until the file has grown past it.
  Result<void> seek(Ordinal ordinal);

  /// Continues at a position that position() gave for the same file. Not checked: a wrong offset is read as damage.
  void seek(const Position& position);

  /// The position after the last entry that was read or skipped. In a file of format 2, seek() only searches for its
  /// ordinal when the next entry is read.
  Position position() const;

  /// Skips to the end of what is there now. Returns the position there: the count and the end of the data.
  Result<Position> skip_to_end();

  /// Appends positions to read from to `points`, ascending: the first entry's, then one about every `every_bytes`, and
  /// finally the end of what is there. The reader's own position is lost. Errors: corrupt and entry_too_large (format
  /// 1: the last point is then just before what cannot be read), io.
  Result<void> points(std::uint64_t every_bytes, std::vector<Position>& points);

  /// Appends pieces that cover the file as it is now to `pieces`, ascending, of all times. For a sealed file this costs
  /// nothing. For an open one of format 2 it reads all frame headers, for one of format 1 all entries. The reader's own
  /// position is lost. Errors: io; corrupt and entry_too_large (format 1: the pieces end before what cannot be read).
  Result<void> pieces(std::vector<Piece>& pieces);

  /// Whether next() continues after the damage when it has returned `corrupt` or `entry_too_large`: format 2 only.
  bool continues_behind_damage() const;

 private:
  class Impl;
  explicit FileReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace towl
