// The memory of pulls: bounded in total and per peer, and given to those that wait, in their order.
#include "rpc/pull_budget.hpp"

#include <gtest/gtest.h>

#include <map>
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
  bool wait(const std::string& peer, std::shared_ptr<int> who, const std::string& name = "",
            PullKind kind = PullKind::taker, bool is_resumed = false) {
    const std::string said = name.empty() ? peer : name;
    turns_[said].is_told = is_resumed;
    return budget_.has_room_or(peer, kind, turns_[said], who, [this, said] { resumed_ += said + " "; });
  }
  /// In the smallest chunks.
  void take(const std::string& peer, std::size_t bytes, PullKind kind = PullKind::taker) {
    for (std::size_t taken = 0; taken < bytes; taken += kMinChunkBytes) budget_.take(peer, kind, kMinChunkBytes);
  }
  void give_back(const std::string& peer, std::size_t bytes) { budget_.give_back(peer, PullKind::taker, bytes); }

  std::shared_ptr<LimitCounts> reached_ = std::make_shared<LimitCounts>();
  PullBudget budget_{limits(), reached_};
  std::map<std::string, PullTurn> turns_;  // by what is said about the one that waits
  std::string resumed_;
  const std::shared_ptr<int> somebody_ = std::make_shared<int>();
};

TEST_F(PullBudgetTest, APeerHasItsShareAndOthersTheRest) {
  take("a", 768 << 10);
  EXPECT_FALSE(wait("a", somebody_));
  EXPECT_TRUE(budget_.is_short());
  EXPECT_EQ((*reached_)[Limit::pull_bytes], 1u);
  EXPECT_TRUE(wait("b", somebody_));
  take("b", 256 << 10);
  EXPECT_FALSE(wait("c", somebody_));
  EXPECT_EQ(budget_.chunk_bytes(), kMinChunkBytes);
  // What b gives back is c's: a still has its share.
  give_back("b", 256 << 10);
  EXPECT_EQ(resumed_, "c ");
  give_back("a", 64 << 10);
  EXPECT_EQ(resumed_, "c a ");
  EXPECT_FALSE(budget_.is_short());
}

TEST_F(PullBudgetTest, AsManyAreResumedAsThereIsRoomFor) {
  take("x", 1 << 20);
  for (const char* peer : {"1", "2", "3"}) EXPECT_FALSE(wait(peer, somebody_));
  give_back("x", kMinChunkBytes);
  EXPECT_EQ(resumed_, "1 ");
  give_back("x", 2 * kMinChunkBytes);
  EXPECT_EQ(resumed_, "1 2 3 ");
}

// A pull that was told of room and does not need it passes it on; one that is gone is skipped.
TEST_F(PullBudgetTest, NobodyWaitsForOneThatIsGone) {
  take("x", 1 << 20);
  auto gone = std::make_shared<int>();
  EXPECT_FALSE(wait("gone", gone));
  EXPECT_FALSE(wait("h1", somebody_));
  EXPECT_FALSE(wait("h2", somebody_));
  gone.reset();
  give_back("x", kMinChunkBytes);
  EXPECT_EQ(resumed_, "h1 ");
  give_back("h1", 0);
  EXPECT_EQ(resumed_, "h1 h2 ");
}

TEST_F(PullBudgetTest, PeersTakeTurnsAndNobodyPassesItsOwnPeers) {
  take("x", 1 << 20);
  for (const char* name : {"a1", "a2", "a3"}) EXPECT_FALSE(wait("a", somebody_, name));
  EXPECT_FALSE(wait("b", somebody_, "b1"));
  give_back("x", 2 * kMinChunkBytes);
  EXPECT_EQ(resumed_, "a1 b1 ");
  // One that comes now waits after those that already wait; one whose turn it is does not.
  EXPECT_FALSE(wait("a", somebody_, "a4"));
  EXPECT_TRUE(wait("a", somebody_, "", PullKind::taker, true));
  take("a", 2 * kMinChunkBytes);
  EXPECT_FALSE(wait("a", somebody_, "a1", PullKind::taker, true));
  give_back("a", kMinChunkBytes);
  EXPECT_EQ(resumed_, "a1 b1 a1 ");
}

// A peer's share is 768 KiB: pulls of which nothing is known have half of it together, no matter how many they are.
TEST_F(PullBudgetTest, ThoseThatReadHaveTheirHalf) {
  constexpr std::size_t kHalf = std::size_t{384} << 10;
  EXPECT_TRUE(wait("a", somebody_, "", PullKind::unknown));
  take("a", kHalf, PullKind::unknown);
  for (const char* name : {"u1", "u2", "u3", "u4"}) EXPECT_FALSE(wait("a", somebody_, name, PullKind::unknown));
  EXPECT_TRUE(wait("a", somebody_, "", PullKind::taker));
  // Not more than that while others wait.
  take("a", kHalf);
  EXPECT_FALSE(wait("a", somebody_, "taker"));
  // The newest and the oldest of the others in turns.
  for (int i = 0; i < 4; ++i) {
    budget_.give_back("a", PullKind::unknown, kMinChunkBytes);
    budget_.take("a", PullKind::unknown, kMinChunkBytes);
  }
  EXPECT_EQ(resumed_, "u4 u1 u3 u2 ");
  give_back("a", kMinChunkBytes);
  EXPECT_EQ(resumed_, "u4 u1 u3 u2 taker ");
}

// Several are told of the same room, and one has it: the others have their old places. One that comes later, and may read,
// does not come after all of them.
TEST_F(PullBudgetTest, WhoWasToldOfRoomThatIsGoneHasItsOldPlace) {
  constexpr std::size_t kHalf = std::size_t{384} << 10;
  take("a", kHalf, PullKind::unknown);
  for (const char* name : {"u1", "u2", "u3", "u4"}) EXPECT_FALSE(wait("a", somebody_, name, PullKind::unknown));
  budget_.give_back("a", PullKind::unknown, 3 * kMinChunkBytes);
  EXPECT_EQ(resumed_, "u4 u1 u3 ");
  resumed_.clear();
  EXPECT_TRUE(wait("a", somebody_, "u4", PullKind::unknown, true));
  budget_.take("a", PullKind::unknown, 3 * kMinChunkBytes);
  EXPECT_FALSE(wait("a", somebody_, "u5", PullKind::unknown));
  for (const char* name : {"u3", "u1"}) EXPECT_FALSE(wait("a", somebody_, name, PullKind::unknown, true));
  for (int i = 0; i < 4; ++i) {
    budget_.give_back("a", PullKind::unknown, kMinChunkBytes);
    budget_.take("a", PullKind::unknown, kMinChunkBytes);
  }
  EXPECT_EQ(resumed_, "u1 u5 u2 u3 ");
}

// Not ten for the room that the first of them takes.
TEST_F(PullBudgetTest, WhereChunksAreLargeFewAreResumed) {
  budget_.take("a", PullKind::unknown, std::size_t{500} << 10);
  for (const char* name : {"u1", "u2", "u3"}) EXPECT_FALSE(wait("a", somebody_, name, PullKind::unknown));
  budget_.give_back("a", PullKind::unknown, std::size_t{500} << 10);
  EXPECT_EQ(resumed_, "u3 ");
}

TEST_F(PullBudgetTest, ThoseThatReadHaveAllWhileNobodyElseWaits) {
  take("a", 700 << 10);
  EXPECT_TRUE(wait("a", somebody_));
}

class Holder final : public ChunkHolder {
 public:
  void end_stuck() override {}
};

// Of a peer's share of 768 KiB a quarter may be stuck, 192 KiB.
TEST_F(PullBudgetTest, WhoIsStuckForLongestMakesRoomForThoseThatWait) {
  const auto holder = std::make_shared<Holder>();
  const auto other = std::make_shared<Holder>();
  const PullBudget::Clock::time_point start{};
  const auto stuck = start + kPullStuckAfter;
  constexpr std::size_t kPiece = std::size_t{128} << 10;
  take("a", 6 * kPiece);
  const auto begin = [&](const std::shared_ptr<Holder>& of, std::chrono::milliseconds after) {
    return budget_.begin_write("a", kPiece, of, start + after, kPullStuckAfter);
  };
  const auto slow = std::make_shared<Holder>();
  budget_.begin_write("a", kPiece, slow, start, 8 * kPullStuckAfter);
  const auto first = begin(holder, std::chrono::milliseconds(0));
  for (int i = 0; i < 4; ++i) begin(other, std::chrono::milliseconds(0));
  begin(other, std::chrono::milliseconds(1));
  EXPECT_TRUE(budget_.too_stuck(stuck).empty());  // Nobody waits.
  EXPECT_FALSE(wait("a", somebody_));
  EXPECT_TRUE(budget_.too_stuck(stuck - std::chrono::milliseconds(1)).empty());
  // The last one is on its way still.
  EXPECT_EQ(budget_.too_stuck(stuck).size(), 4u);
  EXPECT_EQ(budget_.too_stuck(stuck).front(), holder);
  EXPECT_EQ(budget_.too_stuck(stuck + std::chrono::milliseconds(1)).size(), 5u);
  budget_.end_write(first);
  EXPECT_EQ(budget_.too_stuck(stuck).size(), 3u);
  EXPECT_EQ(budget_.too_stuck(stuck).front(), other);
  // A client that has read before has more time.
  EXPECT_EQ(budget_.too_stuck(start + 8 * kPullStuckAfter).front(), slow);
}

// What was read ahead for a pull is stuck with it: of 192 KiB that may be, two pulls with 64 and 64 are too much by one.
TEST_F(PullBudgetTest, WhatWasReadAheadIsStuckToo) {
  const auto holder = std::make_shared<Holder>();
  const auto other = std::make_shared<Holder>();
  const PullBudget::Clock::time_point start{};
  constexpr std::size_t kPiece = std::size_t{64} << 10;
  take("a", 12 * kPiece);
  EXPECT_FALSE(wait("a", somebody_));
  budget_.add_to_write(budget_.begin_write("a", kPiece, holder, start, kPullStuckAfter), kPiece);
  const auto second = budget_.begin_write("a", kPiece, other, start, kPullStuckAfter);
  EXPECT_TRUE(budget_.too_stuck(start + kPullStuckAfter).empty());
  budget_.add_to_write(second, kPiece);
  ASSERT_EQ(budget_.too_stuck(start + kPullStuckAfter).size(), 1u);
  EXPECT_EQ(budget_.too_stuck(start + kPullStuckAfter).front(), holder);
}

}  // namespace
}  // namespace towld
