// towlctl doctor against a collector: what is well, and each thing that may be wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/collector.hpp"
#include "towl/store.hpp"

namespace towl::test {
namespace {

using testing::HasSubstr;

class DoctorTest : public testing::Test {
 protected:
  ProcessResult towlctl(const Collector& collector, std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), TOWLCTL_PROGRAM);
    return run(arguments, {.environment = {{"TOWL_SERVER", collector.address()},
                                           {"TOWL_STORE", folder_ / "mirror"},
                                           {"TOWL_CONFIG", folder_ / "config.yaml"}}});
  }

  /// A store with one entry that was received at `received`.
  void make_store(const char* name, Timestamp received) const {
    auto store = StoreWriter::open(folder_ / name);
    ASSERT_TRUE(store);
    const EntryView entry = {"web", received, LogFormat::text, "one"};
    ASSERT_TRUE(store->append({&entry, 1}));
    ASSERT_TRUE(store->sync());
  }

  TempFolder folder_;
};

TEST_F(DoctorTest, ASetupThatIsWellIsFoundSo) {
  make_store("store", now());
  Collector collector(folder_ / "store");
  auto seen = towlctl(collector, {"doctor"});
  EXPECT_EQ(seen.code, 0) << seen.out;
  EXPECT_THAT(seen.out, HasSubstr("`towlctl sync` makes it"));
  EXPECT_THAT(seen.out, HasSubstr("nothing is mirrored yet from store "));
  EXPECT_EQ(towlctl(collector, {"sync"}).code, 0);
  seen = towlctl(collector, {"doctor"});
  EXPECT_EQ(seen.code, 0) << seen.out;
  for (const char* about : {"config", "store", "server", "version", "clock", "identity"}) {
    EXPECT_THAT(seen.out, HasSubstr("good    " + std::string(about)));
  }
  EXPECT_EQ(seen.err, "");
}

TEST_F(DoctorTest, AMirrorOfAnotherStoreIsSeen) {
  make_store("store", now());
  make_store("other", now());
  {
    Collector collector(folder_ / "store");
    EXPECT_EQ(towlctl(collector, {"sync"}).code, 0);
  }
  Collector other(folder_ / "other");
  const auto seen = towlctl(other, {"doctor"});
  EXPECT_EQ(seen.code, 1);
  EXPECT_THAT(seen.out, HasSubstr("wrong   identity  "));
  EXPECT_THAT(seen.out, HasSubstr("or the next sync sets its files aside"));
}

TEST_F(DoctorTest, AClockThatIsWrongIsSeen) {
  make_store("store", now() + 3'600'000'000'000);
  Collector collector(folder_ / "store");
  const auto seen = towlctl(collector, {"doctor"});
  EXPECT_EQ(seen.code, 1);
  EXPECT_THAT(seen.out, HasSubstr("wrong   clock     the collector received an entry 3"));
}

}  // namespace
}  // namespace towl::test
