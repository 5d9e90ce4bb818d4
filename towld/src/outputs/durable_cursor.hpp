// DurableCursor keeps how far an output has come: a small file, replaced whole.
//
//     towl-cursor 1
//     store-file 3 0f6a…            the store file's ID and UUID; 0 and zeros: none yet
//     next 47000                    the ordinal of the next entry
//     output 2049:131:1048576       what the output committed, in its own words; may be empty
//     check 9c41…                   XXH3 (64 bits) of all that stands before
//
// Order:   written only after the output's own commit, so that it never says more than the output has.
// Crash:   the old cursor or the new one is there, never a part of one: written aside, synced, renamed, folder synced.
// Damage:  reported as `corrupt`, never taken for a position. It is a hint: if there is none, the output is asked, or
//          reading begins where the configuration says.
// Threads: one at a time.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "towl/file_layer.hpp"
#include "towl/header.hpp"
#include "towl/result.hpp"

namespace towld {

struct Cursor {
  towl::FileId file_id = 0;
  towl::Uuid uuid = {};        ///< Of that file: the ID of another store's file must not be taken for it.
  towl::Ordinal ordinal = 0;   ///< Of the next entry.
  std::string committed = {};  ///< One line.

  friend bool operator==(const Cursor&, const Cursor&) = default;
};

std::string format_cursor(const Cursor& cursor);

/// Errors: corrupt.
towl::Result<Cursor> parse_cursor(std::string_view text);

class DurableCursor {
 public:
  /// The cursor of the output `name`, in `folder`, which save() creates. Borrows the layer.
  DurableCursor(const std::filesystem::path& folder, std::string_view name, towl::FileLayer& layer);

  /// nullopt if there is none. Errors: corrupt, io, permission_denied.
  towl::Result<std::optional<Cursor>> load() const;

  /// Errors: no_space, io, permission_denied; the one before stays then.
  towl::Result<void> save(const Cursor& cursor);

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path folder_;
  std::filesystem::path path_;
  towl::FileLayer& layer_;
};

}  // namespace towld
