#include "towl/error.hpp"

#include <cerrno>
#include <string>
#include <system_error>

namespace towl {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::already_exists:
      return "already_exists";
    case ErrorCode::not_a_towl_file:
      return "not_a_towl_file";
    case ErrorCode::unsupported_version:
      return "unsupported_version";
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::entry_too_large:
      return "entry_too_large";
    case ErrorCode::no_space:
      return "no_space";
    case ErrorCode::permission_denied:
      return "permission_denied";
    case ErrorCode::locked:
      return "locked";
    case ErrorCode::closed:
      return "closed";
    case ErrorCode::removed:
      return "removed";
    case ErrorCode::past_end:
      return "past_end";
    case ErrorCode::diverged:
      return "diverged";
    case ErrorCode::io:
      return "io";
  }
  return "unknown";
}

std::string Error::to_string() const {
  std::string text;
  if (!file.empty()) text += file + ": ";
  if (offset) text += "offset " + std::to_string(*offset) + ": ";
  if (ordinal) text += "ordinal " + std::to_string(*ordinal) + ": ";
  return text + message;
}

namespace {

ErrorCode code_of(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return ErrorCode::not_found;
    case EEXIST:
      return ErrorCode::already_exists;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return ErrorCode::no_space;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorCode::permission_denied;
    default:
      return ErrorCode::io;
  }
}

}  // namespace

Error error_from_errno(int error_number, std::string_view doing, std::string_view file) {
  return Error{.code = code_of(error_number),
               .message = std::string(doing) + ": " + std::generic_category().message(error_number),
               .file = std::string(file)};
}

}  // namespace towl
