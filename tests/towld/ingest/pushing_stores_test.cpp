// Who may push when there are few places: only newcomers are refused, and they replace only stores gone for long.
#include "ingest/pushing_stores.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ingest/pushed_files.hpp"

namespace towld {
namespace {

class PushingStoresTest : public testing::Test {
 protected:
  PushingStoresTest() {
    limits_.set(Limit::stores, 4);
    limits_.set(Limit::token_stores, 2);
    limits_.set(Limit::store_unseen_time, 100'000);
  }
  void pushed(const std::string& store, const std::string& owner, int at) {
    positions_.push_back({source_of_store(store), format_owned_position({1, 1, 1}, owner, Seconds(at))});
  }
  PushingStores::Place ask(const std::string& owner, int at) {
    return stores_.place_for(owner, positions_, Seconds(at), limits_);
  }
  void expect_none(const std::string& owner, int at, Limit reached) {
    const auto place = ask(owner, at);
    EXPECT_FALSE(place.is_there) << at;
    EXPECT_EQ(place.reached, reached) << at;
    EXPECT_FALSE(place.forgotten) << at;
  }
  void expect_place_of(const std::string& store, const std::string& owner, int at) {
    const auto place = ask(owner, at);
    EXPECT_TRUE(place.is_there) << at;
    EXPECT_EQ(place.reached, Limit::store_unseen_time) << at;
    ASSERT_TRUE(place.forgotten) << at;
    EXPECT_EQ(place.forgotten->source, source_of_store(store)) << at;
  }

  Limits limits_;
  std::vector<towl::SourcePosition> positions_ = {{"producer/p", "1"}, {"file/x", "1"}};
  PushingStores stores_{Seconds(1'000)};
};

TEST_F(PushingStoresTest, APlaceIsGivenWhileThereAreAny) {
  pushed("a", "A", 1'000);
  const auto place = ask("A", 1'001);
  EXPECT_TRUE(place.is_there);
  EXPECT_FALSE(place.reached);
  EXPECT_FALSE(place.forgotten);
}

TEST_F(PushingStoresTest, OfATokenOnlyItsOwnThatIsGoneForLongGivesWay) {
  pushed("b", "B", 10);
  pushed("a1", "A", 1'050);
  pushed("a2", "A", 1'020);
  expect_none("A", 1'119, Limit::token_stores);
  expect_place_of("a2", "A", 1'120);
  expect_place_of("a2", "A", 2'000);
  EXPECT_TRUE(ask("C", 1'100).is_there);
}

TEST_F(PushingStoresTest, InAllTheOneThatIsGoneForLongestGivesWay) {
  pushed("a", "A", 1'010);
  pushed("b", "B", 1'005);
  pushed("c", "C", 1'030);
  pushed("d", "", 1'020);
  expect_none("E", 1'104, Limit::stores);
  expect_place_of("b", "E", 1'105);
}

// Agents have not come back yet: their times are those of the last push before the stop.
TEST_F(PushingStoresTest, NobodyGivesWaySoonAfterTheStart) {
  for (const char* store : {"a", "b", "c", "d"}) pushed(store, store, 10);
  expect_none("E", 1'099, Limit::stores);
  expect_place_of("a", "E", 1'100);
}

TEST_F(PushingStoresTest, WhoIsThereOrAskedKeepsItsPlace) {
  for (const char* store : {"a", "b", "c", "d"}) pushed(store, store, 1'000);
  auto present = stores_.saw(source_of_store("a"), Seconds(1'001));
  auto again = stores_.saw(source_of_store("a"), Seconds(1'002));
  (void)stores_.saw(source_of_store("b"), Seconds(2'950));
  present.reset();
  expect_place_of("c", "E", 3'000);
  positions_.erase(positions_.begin() + 4, positions_.end());  // c and d
  pushed("e", "e", 2'990);
  pushed("f", "f", 2'990);
  expect_none("E", 3'000, Limit::stores);
  again.reset();
  expect_place_of("a", "E", 3'000);
}

// Before times were kept: as if it was seen at the start.
TEST_F(PushingStoresTest, WhoseTimeNobodyKnowsWasSeenAtTheStart) {
  for (const char* store : {"a", "b", "c"}) pushed(store, store, 5'000);
  positions_.push_back({source_of_store("old"), "1 1 0000000000000001 old"});
  expect_none("E", 1'099, Limit::stores);
  expect_place_of("old", "E", 1'101);
}

}  // namespace
}  // namespace towld
