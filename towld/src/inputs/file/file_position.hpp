// FilePosition is how far a file was read, and how it is recognised. It is stored with the entries that were read.
//
// The position is the file's: any input that reads it, whatever that is called, goes on from there.
// Text: "2 OFFSET LENGTH:HASH LENGTH:HASH AHEAD:OUT:ERR BORN STORED PATH", numbers in decimal, hashes in hexadecimal:
//       the version of this form; where the first entry that is not stored begins; the fingerprint of the file's
//       beginning, and that of the bytes before OFFSET; up to where streams are stored beyond OFFSET; the file's birth
//       in nanoseconds (0: unknown); when the position was made, in seconds; the path, to the end, under which the
//       file was read.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "inputs/file/file_identity.hpp"

namespace towld {

struct FilePosition {
  std::uint64_t offset = 0;
  Fingerprint fingerprint;
  Fingerprint mark;  ///< Of the bytes before `offset`, at most kFileMarkBytes.
  /// Of the lines after `offset` those of a container's streams that are already stored: of other lines, of stdout
  /// and of stderr those that end here or before; 0: none.
  std::array<std::uint64_t, 3> ahead = {};
  std::int64_t born_ns = 0;
  std::int64_t stored_s = 0;
  std::string path;

  friend bool operator==(const FilePosition&, const FilePosition&) = default;
};

std::string to_text(const FilePosition& position);
/// nullopt for what this version does not know.
std::optional<FilePosition> parse_position(std::string_view text);

/// The name of a file as a source: "file/DEVICE:INODE".
std::string source_of(const FileIdentity& identity);
/// nullopt if the source is not a file.
std::optional<FileIdentity> parse_source(std::string_view source);

}  // namespace towld
