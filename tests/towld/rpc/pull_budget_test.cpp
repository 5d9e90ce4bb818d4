// The memory of pulls: bounded in all and for one peer, and given to those who wait in their order.
#include "rpc/pull_budget.hpp"

#include <gtest/gtest.h>

#include <string>

namespace towld {
namespace {

class PullBudgetTest : public testing::Test {
 protected:
  static Limits limits() {
    Limits limits;
    limits.set(Limit::pull_bytes, 1 << 20);
    return limits;
  }
  bool wait(const std::string& peer, std::shared_ptr<int> who) {
    return budget_.has_room_or(peer, who, [this, peer] { resumed_ += peer + " "; });
  }

  std::shared_ptr<LimitCounts> reached_ = std::make_shared<LimitCounts>();
  PullBudget budget_{limits(), reached_};
  std::string resumed_;
  const std::shared_ptr<int> somebody_ = std::make_shared<int>();
};

TEST_F(PullBudgetTest, APeerHasItsShareAndOthersTheRest) {
  budget_.take("a", 768 << 10);
  EXPECT_FALSE(wait("a", somebody_));
  EXPECT_TRUE(budget_.is_short());
  EXPECT_EQ((*reached_)[Limit::pull_bytes], 1u);
  EXPECT_TRUE(wait("b", somebody_));
  budget_.take("b", 256 << 10);
  EXPECT_FALSE(wait("c", somebody_));
  EXPECT_EQ(budget_.chunk_bytes(), kMinChunkBytes);
  // What b gives back is c's: a still has its share.
  budget_.give_back("b", 256 << 10);
  EXPECT_EQ(resumed_, "c ");
  budget_.give_back("a", 64 << 10);
  EXPECT_EQ(resumed_, "c a ");
  EXPECT_FALSE(budget_.is_short());
}

TEST_F(PullBudgetTest, AsManyAreResumedAsThereIsRoomFor) {
  budget_.take("x", 1 << 20);
  for (const char* peer : {"1", "2", "3"}) EXPECT_FALSE(wait(peer, somebody_));
  budget_.give_back("x", kMinChunkBytes);
  EXPECT_EQ(resumed_, "1 ");
  budget_.give_back("x", 2 * kMinChunkBytes);
  EXPECT_EQ(resumed_, "1 2 3 ");
}

// Who was told of room and does not need it passes it on as it goes; who is gone is passed over.
TEST_F(PullBudgetTest, NobodyWaitsForOneThatIsGone) {
  budget_.take("x", 1 << 20);
  auto gone = std::make_shared<int>();
  EXPECT_FALSE(wait("gone", gone));
  EXPECT_FALSE(wait("1", somebody_));
  EXPECT_FALSE(wait("2", somebody_));
  gone.reset();
  budget_.give_back("x", kMinChunkBytes);
  EXPECT_EQ(resumed_, "1 ");
  budget_.give_back("1", 0);
  EXPECT_EQ(resumed_, "1 2 ");
}

}  // namespace
}  // namespace towld
