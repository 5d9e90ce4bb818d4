#include "v2/digest.hpp"

#include <gtest/gtest.h>

namespace towl::detail::v2 {
namespace {

// Two copies agree about everything that is in an entry.
TEST(Digest, DependsOnEveryPartOfAnEntry) {
  const EntryView entry{"h", 1000, LogFormat::text, "x", 5};
  const std::uint64_t digest = extend_digest(7, entry);
  EXPECT_EQ(digest, extend_digest(7, entry));
  EXPECT_NE(digest, extend_digest(8, entry));
  EXPECT_NE(digest, extend_digest(7, {"i", 1000, LogFormat::text, "x", 5}));
  EXPECT_NE(digest, extend_digest(7, {"h", 1001, LogFormat::text, "x", 5}));
  EXPECT_NE(digest, extend_digest(7, {"h", 1000, LogFormat::journal_json, "x", 5}));
  EXPECT_NE(digest, extend_digest(7, {"h", 1000, LogFormat::text, "y", 5}));
  EXPECT_NE(digest, extend_digest(7, {"h", 1000, LogFormat::text, "x", 4}));
  EXPECT_NE(digest, extend_digest(7, {"h", 1000, LogFormat::text, "x"}));
}

// Both times are a part of it, although the second is kept as a difference to the first.
TEST(Digest, OneReceivedLaterThatHappenedAtTheSameTimeIsAnother) {
  EXPECT_NE(extend_digest(0, {"h", 1000, LogFormat::text, "x", 5}),
            extend_digest(0, {"h", 1001, LogFormat::text, "x", 4}));
}

}  // namespace
}  // namespace towl::detail::v2
