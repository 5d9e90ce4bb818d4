// A collector that signs, a mirror that checks, and an attacker in between that rewrites history.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/collector.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towl/file_writer.hpp"
#include "towl/signed_heads.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Signed : public testing::Test {
 protected:
  void start() {
    std::ofstream(folder_ / "towld.yaml")
        << "store: { partition: { max_entries: 100 }, sign: { key: " << (folder_ / "sign.key").string()
        << ", every: 1s } }\n";
    collector_ =
        std::make_unique<Collector>(folder_ / "store", std::vector<std::string>{"--config", folder_ / "towld.yaml"});
  }

  ProcessResult towlctl(std::vector<std::string> arguments, const char* mirror = "mirror",
                        const std::string& input = "") {
    arguments.insert(arguments.begin(), TOWLCTL_PROGRAM);
    return run(arguments, {.environment = {{"TOWL_SERVER", collector_ ? collector_->address() : "127.0.0.1:1"},
                                           {"TOWL_STORE", (folder_ / mirror).string()},
                                           {"TZ", "UTC"}},
                           .input = input});
  }

  std::string key() const { return folder_ / "sign.key.pub"; }

  static std::string lines(int first, int count) {
    std::string text;
    for (int i = first; i < first + count; ++i) text += "line " + std::to_string(i) + "\n";
    return text;
  }

  TempFolder folder_;
  std::unique_ptr<Collector> collector_;
};

TEST_F(Signed, WhatTheCollectorSignedIsProvedAndWhatIsForgedIsSeen) {
  const auto made = run({TOWLD_PROGRAM, "key", "create", folder_ / "sign.key"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("BEGIN PUBLIC KEY"));
  EXPECT_EQ(run({TOWLD_PROGRAM, "key", "create", folder_ / "sign.key"}).code, 2);
  start();
  ASSERT_EQ(towlctl({"append"}, "mirror", lines(0, 250)).code, 0);
  const auto synced = towlctl({"sync", "--key", key()});
  EXPECT_EQ(synced.code, 0) << synced.err;
  EXPECT_EQ(collector_->stop(), 0);
  collector_.reset();
  start();
  EXPECT_EQ(towlctl({"sync", "--key", key()}).code, 0);
  const auto verified = towlctl({"verify", "--key", key()});
  EXPECT_EQ(verified.code, 0) << verified.out << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("1.towl: whole, 100 entries, all of them signed"));
  // Stopping has signed the open file, too; that head comes with its next entries, or when it is closed.
  ASSERT_EQ(towlctl({"append"}, "mirror", lines(250, 60)).code, 0);
  EXPECT_EQ(towlctl({"sync", "--key", key()}).code, 0);
  EXPECT_THAT(towlctl({"verify", "--key", key(), "3"}).out, HasSubstr("100 entries, all of them signed"));

  // Another key has signed none of it.
  ASSERT_EQ(run({TOWLD_PROGRAM, "key", "create", folder_ / "other.key"}).code, 0);
  const auto other = towlctl({"verify", "--key", folder_ / "other.key.pub", "1"});
  EXPECT_EQ(other.code, 1);
  EXPECT_THAT(other.out, HasSubstr("another key has signed"));
  EXPECT_EQ(towlctl({"verify", "--key", folder_ / "sign.key"}).code, 2);  // The private one is not for this.

  // The same file with another entry, all checksums right, in another mirror.
  const auto reader = FileReader::open(folder_ / "mirror/1.towl");
  auto entries = read_all(folder_ / "mirror/1.towl");
  entries[42].log_entry = "nothing happened";
  fs::create_directory(folder_ / "forged");
  auto writer = FileWriter::create(folder_ / "forged/1.towl", {.file_id = 1,
                                                               .org = reader->header().org,
                                                               .title = reader->header().title,
                                                               .opened = reader->index().opened,
                                                               .uuid = reader->header().uuid});
  ASSERT_TRUE(writer && writer->append(views(entries)) && writer->close());
  EXPECT_EQ(towlctl({"verify"}, "forged").code, 0);
  EXPECT_EQ(towlctl({"verify", "--key", key()}, "forged").code, 1);
  const auto against = towlctl({"verify", "--key", key(), "--against", folder_ / "mirror"}, "forged");
  EXPECT_EQ(against.code, 1);
  EXPECT_THAT(against.out, HasSubstr("one of the two was rewritten"));
}

}  // namespace
}  // namespace towl::test
