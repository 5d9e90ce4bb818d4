// What both ends of a mirror say about one file, over any transport: the file, the proof that a copy is a copy, and the
// stored bytes that are sent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "towl/entry.hpp"
#include "towl/file_reader.hpp"
#include "towl/header.hpp"

namespace towl {

/// A file as readers may see it: as far as its entries are durable. If it comes from another machine, it is hostile
/// input.
struct ServedFile {
  Header header;
  Index index;             ///< `count` is how many entries may be read.
  std::uint64_t size = 0;  ///< Where the last of them ends; the file's size once it is closed.
  bool open = false;       ///< More may follow.

  FileId file_id() const { return header.file_id; }
};

/// What a copy holds before COUNT. It shows that the copy is one.
struct MirrorProof {
  std::uint64_t size = 0;         ///< Where entry COUNT begins in the copy. Format 1: in both files.
  Timestamp opened = 0;           ///< Of the index page.
  std::uint32_t tail_crc32c = 0;  ///< Format 1: of the last min(kProofBytes, size - 2048) bytes before `size`.
  std::uint64_t digest = 0;       ///< Format 2: of all entries before COUNT. This is what proves the copy.
  std::uint32_t chain = 0;        ///< Format 2: header checksum of the last frame before COUNT. With `size` it shows
                                  ///< that the copy is the same byte for byte.
};

/// A proof of format 1 covers at most this much before the copy's end.
inline constexpr std::uint64_t kProofBytes = std::uint64_t{64} << 10;

/// Stored bytes: whole entries in format 1, whole frames in format 2. Without entries: what follows the entries of a
/// sealed file. Borrows its bytes.
struct ChunkView {
  Position at = {};  ///< The first entry, and where the bytes are in the sender's file.
  std::uint64_t count = 0;
  std::string_view bytes = {};
};

/// The same, but owns its bytes.
struct Chunk {
  Position at = {};
  std::uint64_t count = 0;
  std::string bytes = {};
  std::string damage = {};  ///< If the chunk is a gap: which entries are lost, and why.

  ChunkView view() const { return {at, count, bytes}; }
};

/// Entries that are not there: those from `first` on.
struct LostEntries {
  Ordinal first = 0;
  std::uint64_t count = 0;
  friend bool operator==(const LostEntries&, const LostEntries&) = default;
};

/// "Of file ID, everything from COUNT on."
struct FeedStart {
  FileId file_id = 0;
  std::uint64_t count = 0;
  bool follow = false;                    ///< Go on as entries are stored, and with the files that follow.
  std::optional<MirrorProof> proof = {};  ///< Checked if given.
  std::string store = {};                 ///< StoreWriter::identity() of the store that is meant; "" for any.
};

}  // namespace towl
