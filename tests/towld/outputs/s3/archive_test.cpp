// Files go to an object store, once and whole, no matter what happens on the way; and are read there in place. Against
// s3proxy, which checks signatures.
#include <gmock/gmock.h>

#include <fstream>
#include <future>
#include <nlohmann/json.hpp>
#include <random>

#include "archive/s3_archive.hpp"
#include "outputs/s3/archive_config.hpp"
#include "outputs/s3/archiver.hpp"
#include "support/fault_proxy.hpp"
#include "support/stand_in_server.hpp"
#include "towld/inputs/input_support.hpp"
#include "towld/outputs/read_settings.hpp"
#include "towld/outputs/s3/s3_test.hpp"

namespace towld {

extern const OutputType kS3Output;

namespace {

using testing::HasSubstr;
using towl::test::eventually;
using towl::test::S3Server;

class ArchiveTest : public test::S3Test {
 protected:
  void store_numbered(std::uint64_t first, std::uint64_t count, std::size_t more = 0) {
    auto entries = towl::test::numbered_entries(first, count);
    std::mt19937_64 random(first);
    for (auto& entry : entries) {
      for (std::size_t i = 0; i < more; ++i) entry.log_entry += static_cast<char>(' ' + random() % 90);
    }
    store_.store(std::move(entries));
  }

  std::unique_ptr<Output> start(const std::string& endpoint, const std::string& more = "") {
    return test::start_output(kS3Output,
                              "{ type: s3, endpoint: '" + endpoint + "', bucket: " + bucket_ +
                                  ", prefix: a/host=1/, every: closed, credentials_file: '" +
                                  (folder_ / "credentials").string() + "'" + more + " }",
                              {.name = "archive",
                               .ingest = &store_.ingest(),
                               .log = test::MemoryStore::log(),
                               .cursor_folder = "/cursors",
                               .layer = &store_.disk()});
  }

  /// Whether what is closed is in the bucket, byte for byte.
  void expect_archived(std::uint64_t files) {
    auto s3 = client();
    for (std::uint64_t id = 1; id <= files; ++id) {
      const auto name = std::to_string(id) + ".towl";
      const auto object = s3.get("a/host=1/" + name);
      ASSERT_TRUE(object) << object.error().to_string();
      ASSERT_TRUE(*object) << name;
      EXPECT_TRUE(**object == store_.disk().contents("/store/" + name)) << name;
    }
    EXPECT_TRUE(s3.uploads("")->empty());
  }

  test::MemoryStore store_{{.max_entries = 100}};
};

TEST_F(ArchiveTest, ClosedFilesAreThereOnceWithAManifestForEachDay) {
  store_numbered(0, 450);
  auto output = start(server_->url());
  ASSERT_TRUE(eventually([&] { return output->status().entries == 400; })) << output->status().error;
  EXPECT_GT(output->status().bytes, 0U);
  EXPECT_EQ(output->status().backlog_entries, 50U);
  expect_archived(4);
  auto s3 = client();
  const auto manifests = s3.list("a/host=1/manifest/");
  ASSERT_TRUE(manifests);
  std::uint64_t entries = 0;
  for (const auto& object : *manifests) {
    const auto manifest = nlohmann::json::parse(**s3.get(object.key));
    for (const auto& file : manifest["files"]) {
      entries += file["entries"].get<std::uint64_t>();
      EXPECT_EQ(file["sha256"], towl::web::sha256_hex(**s3.get("a/host=1/" + file["name"].get<std::string>())));
    }
  }
  EXPECT_EQ(entries, 400U);
  // The cursor is lost: what is there is not sent again.
  output->stop();
  output.reset();
  store_.disk().set_contents("/cursors/archive.cursor", "broken");
  store_numbered(450, 100);
  output = start(server_->url());
  ASSERT_TRUE(eventually([&] { return output->status().entries == 500; })) << output->status().error;
  EXPECT_EQ(output->status().bytes, store_.disk().contents("/store/5.towl").size());
  expect_archived(5);
}

TEST_F(ArchiveTest, LargeFilesGoInPartsAndWhatIsLeftOfEarlierOnesIsTakenAway) {
  auto s3 = client();
  const auto left = s3.begin_upload("a/host=1/1.towl", {});
  ASSERT_TRUE(left);
  ASSERT_TRUE(s3.put_part("a/host=1/1.towl", *left, 1, std::string(1000, 'x')));
  const auto other = s3.begin_upload("b/1.towl", {});
  ASSERT_TRUE(other);
  for (std::uint64_t i = 0; i < 100; i += 10) store_numbered(i, 10, 220'000);
  store_numbered(100, 1);
  const auto output = start(server_->url());
  ASSERT_TRUE(eventually([&] { return output->status().entries == 100; }, std::chrono::seconds(60)))
      << output->status().error;
  EXPECT_GT(output->status().bytes, std::uint64_t{16} << 20) << "too small for parts";
  // What is not below the prefix belongs to somebody else.
  ASSERT_TRUE(s3.uploads("")->size() == 1);
  ASSERT_TRUE(s3.abort_upload("b/1.towl", *other));
  expect_archived(1);
}

// 503s, lost answers and cut connections.
TEST_F(ArchiveTest, AllIsThereThoughTheWayIsBad) {
  int asked = 0;
  towl::web::HttpClient way({}, {});
  towl::test::StandInServer bad([&](const towl::test::StandInRequest& request) -> towl::test::StandInAnswer {
    ++asked;
    if (asked % 5 == 1) return {.status = 503, .body = "<Error><Code>SlowDown</Code></Error>"};
    if (asked % 7 == 3) return {.cut = true};
    towl::web::Request passed{.method = request.method, .url = server_->url() + request.target, .body = request.body};
    for (const auto& [name, value] : request.headers) {
      // The host is signed: it stays what the client said.
      if (name != "content-length" && name != "content-encoding") passed.headers.emplace_back(name, value);
    }
    const auto answer = way.run(std::move(passed));
    if (!answer || asked % 11 == 5) return {.cut = true};
    towl::test::StandInAnswer given{.status = static_cast<int>(answer->status), .body = answer->body};
    for (const auto& [name, value] : answer->headers) {
      if (name == "content-length" && request.method == "HEAD") given.headers += "Content-Length: " + value + "\r\n";
      if (name == "etag" || name.starts_with("x-amz-")) given.headers += name + ": " + value + "\r\n";
    }
    return given;
  });
  for (std::uint64_t i = 0; i < 100; i += 10) store_numbered(i, 10, 110'000);
  store_numbered(100, 450);
  const auto output = start(bad.url());
  ASSERT_TRUE(eventually([&] { return output->status().entries == 500; }, std::chrono::seconds(120)))
      << output->status().error;
  EXPECT_GT(asked, 20);
  expect_archived(5);
}

TEST_F(ArchiveTest, AFileOfAnotherStoreIsNotWrittenOver) {
  auto s3 = client();
  ASSERT_TRUE(s3.put("a/host=1/1.towl", "of somebody else", {{"towl-uuid", "00112233445566778899aabbccddeeff"}}));
  store_numbered(0, 150);
  const auto output = start(server_->url());
  ASSERT_TRUE(eventually([&] { return output->status().failures > 0; }));
  EXPECT_THAT(output->status().error, HasSubstr("a prefix of its own"));
  EXPECT_EQ(**s3.get("a/host=1/1.towl"), "of somebody else");
}

TEST_F(ArchiveTest, WrongKeysAreToldAndReadAgain) {
  write_credentials("wrong");
  store_numbered(0, 150);
  const auto output = start(server_->url());
  ASSERT_TRUE(eventually([&] { return output->status().failures > 0; }));
  EXPECT_THAT(output->status().error, HasSubstr("SignatureDoesNotMatch"));
  EXPECT_FALSE(output->status().connected);
  write_credentials(S3Server::kSecret);
  EXPECT_TRUE(eventually([&] { return output->status().entries == 100; })) << output->status().error;
}

// What is not archived stays, no matter what retention says.
TEST_F(ArchiveTest, OnlyWhatIsArchivedMayGo) {
  towl::test::StandInServer away([&](const auto&) -> towl::test::StandInAnswer { return {.status = 503}; });
  store_numbered(0, 450);
  {
    const auto output = start(away.url(), ", keep_local: 1ms");
    ASSERT_TRUE(eventually([&] { return output->status().failures > 0; }));
    output->stop();
    EXPECT_TRUE(store_.disk().exists("/store/1.towl"));
  }
  const auto output = start(server_->url(), ", keep_local: 1ms");
  ASSERT_TRUE(eventually([&] { return output->status().entries == 400; })) << output->status().error;
  EXPECT_TRUE(eventually([&] { return !store_.disk().exists("/store/4.towl"); }));
  EXPECT_TRUE(store_.disk().exists("/store/5.towl"));
  EXPECT_TRUE(*client().get("a/host=1/4.towl"));
}

TEST_F(ArchiveTest, FilesAreReadInPlaceByRanges) {
  store_numbered(0, 450);
  const auto output = start(server_->url());
  ASSERT_TRUE(eventually([&] { return output->status().entries == 400; })) << output->status().error;
  towlctl::S3Archive archive({server_->url(), "us-east-1", ""}, {S3Server::kKey, S3Server::kSecret, ""}, {});
  const std::string folder = "s3://" + bucket_ + "/a/host=1";
  const auto names = archive.list(folder);
  ASSERT_TRUE(names) << names.error().to_string();
  EXPECT_THAT(*names, testing::UnorderedElementsAre("1.towl", "2.towl", "3.towl", "4.towl"));
  std::uint64_t number = 0;
  for (int id = 1; id <= 4; ++id) {
    for (const auto& entry : towl::test::read_all(folder + "/" + std::to_string(id) + ".towl", &archive)) {
      EXPECT_EQ(entry.log_entry, towl::test::numbered_text(number++));
    }
  }
  EXPECT_EQ(number, 400U);
  EXPECT_EQ(*archive.digest_of(folder + "/1.towl"), towl::web::sha256_hex(store_.disk().contents("/store/1.towl")));
  const std::uint64_t before = archive.received_bytes();
  EXPECT_EQ(towl::test::read_all(folder + "/1.towl", &archive).size(), 100U);
  EXPECT_EQ(archive.received_bytes(), before) << "it was in the cache";
  EXPECT_EQ(archive.open(folder + "/9.towl", towl::OpenMode::read).error().code, towl::ErrorCode::not_found);
  EXPECT_EQ(archive.open(folder + "/1.towl", towl::OpenMode::create).error().code, towl::ErrorCode::permission_denied);
}

}  // namespace
}  // namespace towld
