// Error is the one error type of libtowl: a code to branch on, a message to show, and the place.
//
// Errors are values. Nothing in libtowl throws for bad input, and no exception leaves the library
// (except std::bad_alloc: a failed allocation is not caught).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace towl {

/// What went wrong, coarse enough to branch on. Values are stable within a major version.
enum class ErrorCode {
  invalid_argument,     ///< The caller's request makes no sense: a title too long, a negative limit.
  not_found,            ///< No such file or folder; a file ID that the store never had.
  already_exists,       ///< The file to be created exists already.
  not_a_towl_file,      ///< The first bytes are not a towl file's.
  unsupported_version,  ///< A towl file of a version that this library does not know.
  corrupt,              ///< Bytes that no towl writer writes; the place is given.
  entry_too_large,      ///< An entry over the limit; no part of it was stored.
  no_space,             ///< The disk or the quota is full. Nothing was stored; try again later.
  permission_denied,    ///< The operating system refused; also a read-only file system.
  locked,               ///< Another process writes to this store.
  closed,               ///< A write to a file that is closed, or that an earlier error made final.
  removed,              ///< A file that the store had: retention has removed it.
  past_end,             ///< More entries than the file has.
  diverged,             ///< A copy that is not a copy of the file, or of another store.
  io,                   ///< Any other error of the operating system.
};

/// The code's name as written above, e.g. "not_found". The view is always valid.
std::string_view to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::io;
  std::string message;                        ///< What happened, without the place; no newline.
  std::string file = {};                      ///< Path of the file concerned, or empty.
  std::optional<std::uint64_t> offset = {};   ///< Byte offset in `file`, if known.
  std::optional<std::uint64_t> ordinal = {};  ///< Ordinal of the entry, if known.

  /// One line for a person: "FILE: offset N: ordinal N: MESSAGE", leaving out what is not known.
  std::string to_string() const;
};

/// An Error from an errno value: no_space, permission_denied, not_found … or io.
/// `doing` says what failed, e.g. "cannot write".
Error error_from_errno(int error_number, std::string_view doing, std::string_view file);

}  // namespace towl
