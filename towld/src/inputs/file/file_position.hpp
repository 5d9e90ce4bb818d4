// FilePosition is how far a file was read, and by what it is known again. It is stored with the entries that were read.
//
// Text: "1 OFFSET LENGTH:HASH BORN STORED PATH", numbers in decimal, the hash in hexadecimal: the version of this form;
//       where the first entry that is not stored begins; the fingerprint; the file's birth in nanoseconds (0: unknown);
//       when the position was made, in seconds; the path, to the end, under which the file was read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "inputs/file/file_identity.hpp"

namespace towld {

struct FilePosition {
  std::uint64_t offset = 0;
  Fingerprint fingerprint;
  std::int64_t born_ns = 0;
  std::int64_t stored_s = 0;
  std::string path;

  friend bool operator==(const FilePosition&, const FilePosition&) = default;
};

std::string to_text(const FilePosition& position);
/// nullopt for what this version does not know.
std::optional<FilePosition> parse_position(std::string_view text);

/// The name of a file as a source of the input: "file/INPUT/DEVICE:INODE".
std::string source_of(std::string_view input, const FileIdentity& identity);
/// nullopt where the source is not a file of this input.
std::optional<FileIdentity> parse_source(std::string_view source, std::string_view input);

}  // namespace towld
