#include "towl/error.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace towl {
namespace {

TEST(ErrorText, NamesFileOffsetAndOrdinal) {
  Error error{.code = ErrorCode::corrupt, .message = "half an entry", .file = "/logs/3.towl"};
  EXPECT_EQ(error.to_string(), "/logs/3.towl: half an entry");
  error.offset = 2048;
  error.ordinal = 7;
  EXPECT_EQ(error.to_string(), "/logs/3.towl: offset 2048: ordinal 7: half an entry");
}

TEST(ErrorText, OfTheOperatingSystemSaysWhatAndWhy) {
  const Error error = error_from_errno(ENOSPC, "cannot write", "/logs/3.towl");
  EXPECT_EQ(error.code, ErrorCode::no_space);
  EXPECT_EQ(error.to_string(), "/logs/3.towl: cannot write: No space left on device");
}

TEST(ErrorCodes, OfErrnoTellWhatACallerCanDo) {
  EXPECT_EQ(error_from_errno(ENOENT, "", "").code, ErrorCode::not_found);
  EXPECT_EQ(error_from_errno(EROFS, "", "").code, ErrorCode::permission_denied);
  EXPECT_EQ(error_from_errno(EDQUOT, "", "").code, ErrorCode::no_space);
  EXPECT_EQ(error_from_errno(EEXIST, "", "").code, ErrorCode::already_exists);
  EXPECT_EQ(error_from_errno(EIO, "", "").code, ErrorCode::io);
}

}  // namespace
}  // namespace towl
