// Parquet files go to an object store, each once, no matter what happens on the way. Against s3proxy, which checks
// signatures. program/parquet_objects_test.cpp tests that these files have all of a collector's entries.
#include <gmock/gmock.h>

#include <fstream>

#include "outputs/parquet/round_state.hpp"
#include "outputs/s3/parquet_objects.hpp"
#include "outputs/s3/upload.hpp"
#include "support/stand_in_server.hpp"
#include "towld/outputs/s3/s3_test.hpp"

namespace towld {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using towl::test::S3Server;

/// A state as rounds write it.
std::string round(int minute, std::vector<RoundState::Move> moves = {}) {
  return round_text({.begin = {1, 0, {}}, .end = {1, 9, {}}, .minute = minute, .moves = std::move(moves)});
}

const std::string kRound = round(3, {{"7-0.parquet", "db/2026/01/17/20260117-1200.parquet"}});

class ParquetObjectsTest : public test::S3Test {
 protected:
  std::unique_ptr<ParquetDelivery> delivery(const std::string& endpoint = server_->url()) {
    auto made = deliver_to_objects({.place = {.endpoint = endpoint,
                                              .bucket = bucket_,
                                              .prefix = "logs/p",
                                              .credentials_file = (folder_ / "credentials").string()},
                                    .folder = spool()});
    EXPECT_TRUE(made);
    return std::move(*made);
  }

  fs::path spool() const { return folder_ / "spool"; }

  void write(const std::string& name, const std::string& text) {
    fs::create_directories((spool() / name).parent_path());
    std::ofstream(spool() / name, std::ios::binary) << text;
  }

  std::vector<std::string> keys() {
    const auto objects = client().list("");
    std::vector<std::string> names;
    for (const auto& object : *objects) names.push_back(object.key);
    return names;
  }

  std::string text_of(const std::string& key) {
    const auto text = client().get(key);
    return text && *text ? **text : "(none)";
  }
};

TEST_F(ParquetObjectsTest, FilesAreNamedForHostsAndDatesAndAreGoneFromTheFolder) {
  write("db/2026/01/17/20260117-1200.parquet", "one");
  write("+other/2026/01/17/20260117-1200.2.parquet", "two");
  write("a%20b%2F/2026/12/31/20261231-2359.parquet", "three");
  write(".towl/7-1.parquet", "being made");
  write("of-somebody-else.txt", "mine");
  write(".towl/round", kRound);
  ASSERT_TRUE(delivery()->deliver());
  EXPECT_THAT(keys(), ElementsAre("logs/p/.towl/round", "logs/p/host=+other/date=2026-01-17/20260117-1200.2.parquet",
                                  "logs/p/host=a%20b%2F/date=2026-12-31/20261231-2359.parquet",
                                  "logs/p/host=db/date=2026-01-17/20260117-1200.parquet"));
  EXPECT_EQ(text_of("logs/p/host=db/date=2026-01-17/20260117-1200.parquet"), "one");
  EXPECT_EQ(text_of("logs/p/host=a%20b%2F/date=2026-12-31/20261231-2359.parquet"), "three");
  EXPECT_THAT(text_of("logs/p/.towl/round"), HasSubstr(R"("moves":[])"));
  EXPECT_FALSE(fs::exists(spool() / "db"));
  EXPECT_TRUE(fs::exists(spool() / ".towl/7-1.parquet"));
  EXPECT_TRUE(fs::exists(spool() / "of-somebody-else.txt"));
}

TEST_F(ParquetObjectsTest, WhatComesLateHasANumberAndWhatIsThereIsNotSentAgain) {
  const std::string name = "db/2026/01/17/20260117-1200.parquet";
  const std::string key = "logs/p/host=db/date=2026-01-17/20260117-1200";
  auto first = delivery();
  write(name, "one");
  ASSERT_TRUE(first->deliver());
  write(name, "late");
  ASSERT_TRUE(first->deliver());
  // It died after the object was there, and before the file was removed.
  write(name, "late");
  ASSERT_TRUE(delivery()->deliver());
  write(name, "later");
  ASSERT_TRUE(delivery()->deliver());
  EXPECT_THAT(keys(), ElementsAre(key + ".2.parquet", key + ".3.parquet", key + ".parquet"));
  EXPECT_EQ(text_of(key + ".parquet"), "one");
  EXPECT_EQ(text_of(key + ".2.parquet"), "late");
  EXPECT_EQ(text_of(key + ".3.parquet"), "later");
}

TEST_F(ParquetObjectsTest, LargeFilesGoInPartsAndWhatIsLeftOfEarlierOnesIsTakenAway) {
  auto s3 = client();
  const std::string key = "logs/p/host=db/date=2026-01-17/20260117-1200.parquet";
  ASSERT_TRUE(s3.begin_upload(key, {}));
  std::string large(std::size_t{20} << 20, 'x');
  for (std::size_t i = 0; i < large.size(); i += 7) large[i] = static_cast<char>(i * 2'654'435'761U >> 13);
  write("db/2026/01/17/20260117-1200.parquet", large);
  ASSERT_TRUE(delivery()->deliver());
  EXPECT_TRUE(text_of(key) == large);
  EXPECT_TRUE(s3.uploads("")->empty());
}

TEST_F(ParquetObjectsTest, TheStateIsToldOnceAllOfItIsThereAndIsTheFoldersIfThatIsLost) {
  write(".towl/round", kRound);
  write(".towl/7-0.parquet", "not yet where it belongs");
  ASSERT_TRUE(delivery()->deliver());
  EXPECT_TRUE(keys().empty());
  fs::create_directories(spool() / "db/2026/01/17");
  fs::rename(spool() / ".towl/7-0.parquet", spool() / "db/2026/01/17/20260117-1200.parquet");
  ASSERT_TRUE(delivery()->deliver());
  EXPECT_EQ(keys().size(), 2U);
  fs::remove_all(spool());
  ASSERT_TRUE(delivery()->deliver());
  std::ifstream stream(spool() / ".towl/round");
  const std::string state{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_THAT(state, HasSubstr(R"("minute":3,"moves":[])"));
  // One that is there is newer than any that was told.
  write(".towl/round", round(4));
  ASSERT_TRUE(delivery()->deliver());
  EXPECT_THAT(text_of("logs/p/.towl/round"), HasSubstr(R"("minute":4)"));
}

TEST_F(ParquetObjectsTest, WhatCannotBeSentStaysAndIsSentLater) {
  const std::string name = "db/2026/01/17/20260117-1200.parquet";
  write(name, "one");
  write_credentials("wrong");
  auto delivered = delivery();
  const auto refused = delivered->deliver();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("SignatureDoesNotMatch"));
  EXPECT_TRUE(fs::exists(spool() / name));
  write_credentials(S3Server::kSecret);
  ASSERT_TRUE(delivered->deliver());
  EXPECT_FALSE(fs::exists(spool() / name));
  EXPECT_EQ(keys().size(), 1U);
}

TEST_F(ParquetObjectsTest, WithoutCredentialsNothingBegins) {
  const auto made = deliver_to_objects({.place = {.credentials_file = (folder_ / "missing").string()}});
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().to_string(), HasSubstr("missing"));
}

}  // namespace
}  // namespace towld
