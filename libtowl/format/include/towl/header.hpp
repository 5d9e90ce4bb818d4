// The two pages in front of every towl file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "towl/entry.hpp"

namespace towl {

/// The header page: written once at creation, never changed.
struct Header {
  std::int32_t version = 1;
  std::string org;    ///< Whose logs these are; may be empty.
  std::string title;  ///< What they are, e.g. "syslog"; may be empty.
  FileId file_id = 0;

  friend bool operator==(const Header&, const Header&) = default;
};

/// The index page: a summary that is rewritten now and then. A hint, never the truth: the entries are.
struct Index {
  Timestamp opened = 0;
  std::optional<Timestamp> closed;  ///< Set once the file takes no more entries.
  std::uint64_t count = 0;
  std::optional<Timestamp> first;  ///< `received` of the first entry.
  std::optional<Timestamp> last;   ///< `received` of the last entry.

  friend bool operator==(const Index&, const Index&) = default;
};

}  // namespace towl
