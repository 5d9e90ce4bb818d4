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
  /// A hint for searches: only entries are wanted whose texts hold all words of one of these alternatives, as whole
  /// words: runs of ASCII letters, digits and `_` between other characters, in either case. Frames of sealed files that
  /// have none are passed over; entries without the words are returned all the same where that is not known. Empty:
  /// all.
  std::vector<std::vector<std::string>> words = {};
  /// The same, of ordinals: only entries of one of these runs [first, second) are wanted. They ascend. Empty: all.
  std::vector<std::pair<Ordinal, Ordinal>> within = {};
  /// What may be left out of entries; the event time is there where `since` or `until` is given.
  Wanted wanted = {};
  /// A larger entry is the error entry_too_large. At most this and a little more is kept in memory.
  std::size_t max_entry_bytes = kMaxReadEntryBytes;
  FileLayer* layer = nullptr;  ///< nullptr: posix_file_layer(). Must outlive the reader.
  /// For towl::Search, which looks at sealed frames before their texts are put together. Must outlive the reader.
  detail::v2::FrameSieve* sieve = nullptr;
};

/// Where a reader stands: the next entry's ordinal, and the byte offset at which it starts; in format 2, at which the
/// frame that holds it starts.
struct Position {
  Ordinal ordinal = 0;
  std::uint64_t offset = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

/// Entries that are read together: those of a frame, or, in format 1, what a read of the disk brought.
struct EntryBatch {
  Ordinal first = 0;                       ///< Of the first of them; the others follow it without a hole.
  std::span<const EntryView> entries = {};
  /// All texts lie within these bytes, each after the one before it, so that they can be searched in one go. Empty where
  /// they do not.
  std::string_view bytes = {};
};

/// A stretch of a file that can be read by itself: a frame of a sealed file, about kMaxPieceBytes of another one.
struct Piece {
  Position begin = {};
  Ordinal end = 0;          ///< The ordinal after its last entry.
  Timestamp event_min = 0;  ///< No entry of it happened before this …
  Timestamp event_max = 0;  ///< … or after this. Where they are not known: the earliest and the latest time that there is.
};

/// Bounds of a piece, of texts and entries as they are in memory: whoever reads backwards holds one piece. A single frame
/// may be larger: spec/format-v2.md, "Frames".
inline constexpr std::uint64_t kMaxPieceBytes = std::uint64_t{1} << 20;
inline constexpr std::uint64_t kMaxPieceEntries = std::uint64_t{1} << 16;

/// Reads one towl file. Move-only; owns its descriptor. One thread at a time; many readers may share a file,
/// also while another process appends to it: half an entry is never returned.
class FileReader {
 public:
  /// Opens `path` and reads its header and index. A damaged index page is no error: the entries do not need it.
  /// Errors: not_found, permission_denied, io, not_a_towl_file, unsupported_version, corrupt (the header page).
  static Result<FileReader> open(const std::filesystem::path& path, const ReadOptions& options = {});

  FileReader(FileReader&&) noexcept;
  FileReader& operator=(FileReader&&) noexcept;
  ~FileReader();

  const Header& header() const;

  /// The index page as it was at open or at the last refresh_index(); all zero where it is damaged. A hint: a
  /// growing or crashed file has more or fewer entries than it says.
  const Index& index() const;

  /// Reads the index page again. Errors: io, corrupt; the old index is kept.
  Result<void> refresh_index();

  /// The next entry (within the time range of the options), or nullopt at the end of what is there *now*; a
  /// later call may return more. The view is valid until the next call on this reader.
  /// Errors: corrupt and entry_too_large with file, offset and ordinal. In a file of format 2 the next call goes on
  /// behind what is damaged; in one of format 1 the reader stays where it is, for there is no way to find the next
  /// entry behind a damaged one. io.
  Result<std::optional<EntryView>> next();

  /// The same, as many as can be had at once: from the position to the end of its frame. The time range of the options
  /// passes over whole frames alone: entries outside of it may be among them. nullopt: nothing more before the ordinal
  /// `end`. Valid until the next call on this reader. Errors: as next().
  Result<std::optional<EntryBatch>> next_batch(Ordinal end = ~Ordinal{0});

  /// The ordinal of the entry that the last successful next() returned.
  Ordinal ordinal() const;

  /// Continues at `ordinal` (0: the first entry). In a sealed file that costs one frame. In an open one of format 2 the
  /// headers of a part of the frames are read, at most a twelfth in a large file; in one of format 1 all entries on
  /// the way are skipped, from the first one when going back. Past the end is allowed: next() then yields nullopt until
  /// the file has grown past `ordinal`.
  Result<void> seek(Ordinal ordinal);

  /// Continues at a position that position() gave for the same file. Not checked: a wrong offset is read as damage.
  void seek(const Position& position);

  /// The position behind the last entry read or skipped. In a file of format 2, seek() looks for its ordinal when the
  /// next entry is read.
  Position position() const;

  /// Skips to the end of what is there now. Returns the position there: the count and the end of the data.
  Result<Position> skip_to_end();

  /// Appends positions to read from to `points`, ascending: the first entry's, then one about every `every_bytes`, and
  /// at last the end of what is there. The reader's own position is lost. Errors: corrupt and entry_too_large (format
  /// 1: the last point is then in front of what cannot be read), io.
  Result<void> points(std::uint64_t every_bytes, std::vector<Position>& points);

  /// Appends what there is now in pieces, ascending, whatever their times. In a sealed file that costs nothing; in an
  /// open one of format 2 the headers of all frames are read, in one of format 1 all entries. The reader's own position
  /// is lost. Errors: io; corrupt and entry_too_large (format 1: the pieces end before what cannot be read).
  Result<void> pieces(std::vector<Piece>& pieces);

  /// After `corrupt` and `entry_too_large` next() goes on behind the damage: format 2.
  bool continues_behind_damage() const;

 private:
  class Impl;
  explicit FileReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace towl
