// The two pages at the beginning of every towl file.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "towl/entry.hpp"

namespace towl {

/// The versions of the file format. Texts: spec/format-v1.md, spec/format-v2.md.
enum class FileFormat : std::int32_t { v1 = 1, v2 = 2 };

/// 16 random bytes that identify a file among all others.
using Uuid = std::array<std::uint8_t, 16>;

/// The header page: written once at creation, never changed.
struct Header {
  std::int32_t version = 1;  ///< As in FileFormat.
  std::string org;           ///< Whose logs these are; may be empty.
  std::string title;         ///< What they are, e.g. "syslog"; may be empty.
  FileId file_id = 0;
  Uuid uuid = {};  ///< Format 1 has none: zeros.

  friend bool operator==(const Header&, const Header&) = default;
};

/// The index page: a summary that is rewritten now and then. It is only a hint: the entries are the truth.
struct Index {
  Timestamp opened = 0;
  std::optional<Timestamp> closed;  ///< Set once the file takes no more entries.
  std::uint64_t count = 0;
  std::optional<Timestamp> first;  ///< `received` of the first entry.
  std::optional<Timestamp> last;   ///< `received` of the last entry.

  // What format 1 does not keep: zero or absent there.
  std::optional<Timestamp> min = {};        ///< The earliest `received`.
  std::optional<Timestamp> max = {};        ///< The latest.
  std::optional<Timestamp> event_min = {};  ///< The earliest event time.
  std::optional<Timestamp> event_max = {};  ///< The latest.
  std::uint64_t digest = 0;                 ///< Running hash of all entries: spec/format-v2.md, "Digest".
  std::uint64_t text_bytes = 0;             ///< Bytes of all senders and texts.
  std::uint64_t frames = 0;                 ///< Frames that hold entries.
  std::uint32_t gaps = 0;                   ///< Frames that stand for entries that a repair has given up as lost.
  bool sealed = false;                      ///< The file was re-framed, and is final.

  friend bool operator==(const Index&, const Index&) = default;
};

}  // namespace towl
