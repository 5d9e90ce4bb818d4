#include "rpc/status.hpp"

#include <gtest/gtest.h>

#include <string>

namespace towlctl {
namespace {

// What a server says goes to a terminal: without its control characters, and not without end.
TEST(HostileMessages, AreTamed) {
  const grpc::Status status(grpc::StatusCode::INTERNAL, "\x1b[2Jgone\n" + std::string(10'000, 'x'));
  const std::string line = describe(status);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_LT(line.size(), 400);
}

}  // namespace
}  // namespace towlctl
