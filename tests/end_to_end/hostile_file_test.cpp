// Files that towl did not write, or that were damaged since: every command ends soon, without a crash, and says in one
// line per file what is wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <random>

#include "support/process.hpp"
#include "support/stores.hpp"
#include "towl/file_writer.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class HostileFile : public testing::Test {
 protected:
  HostileFile() {
    auto writer = FileWriter::create(folder_ / "1.towl",
                                     {.file_id = 1, .org = "acme", .title = "syslog", .format = FileFormat::v1});
    EXPECT_TRUE(writer);
    auto entries = numbered_entries(0, 40);
    entries[7] = Entry("h", 0, LogFormat::journal_json, R"({"MESSAGE":"m","_PID":"1"})");
    EXPECT_TRUE(writer->append(views(entries)));
    EXPECT_TRUE(writer->close());
    whole_ = bytes_of(folder_ / "1.towl");
  }

  /// Runs every command that reads files on these bytes.
  void check(const std::string& bytes) {
    const fs::path path = folder_ / "2.towl";
    const std::vector<std::vector<std::string>> commands = {{"cat", path},
                                                            {"cat", "-r", "-o", "verbose", path},
                                                            {"grep", "-i", "ENTRY 3", path},
                                                            {"ls", path},
                                                            {"info", path},
                                                            {"verify", path},
                                                            {"repair", path}};
    for (auto arguments : commands) {
      std::ofstream(path, std::ios::binary) << bytes;
      SCOPED_TRACE(arguments[0]);
      arguments.insert(arguments.begin(), TOWLCTL_PROGRAM);
      Process process(arguments);
      const auto code = process.wait(std::chrono::seconds(20));
      ASSERT_TRUE(code) << "hangs";
      EXPECT_TRUE(code == 0 || code == 1 || code == 2) << *code;
      const std::string said = process.err();
      EXPECT_LE(std::count(said.begin(), said.end(), '\n'), 1) << said;
      for (const auto& torn : fs::directory_iterator(folder_.path())) {
        if (torn.path().string().find(".torn") != std::string::npos) fs::remove(torn);
      }
    }
  }

  TempFolder folder_;
  std::string whole_;
};

TEST_F(HostileFile, LengthsThatLieAreNotBelieved) {
  // Every length of the first two entries, and those of the header: huge, negative as a signed number, one too many.
  for (const std::size_t at : {13u, 25u, 2048u, 2062u, 2094u}) {
    for (const std::uint64_t length :
         {std::uint64_t{1} << 40, ~std::uint64_t{0}, std::uint64_t{1} << 26, std::uint64_t{900}}) {
      std::string bytes = whole_;
      std::memcpy(bytes.data() + at, &length, sizeof length);
      SCOPED_TRACE(testing::Message() << "length " << length << " at " << at);
      check(bytes);
    }
  }
}

TEST_F(HostileFile, RandomDamageIsSurvived) {
  const auto seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 25; ++round) {
    std::string bytes = whole_;
    for (int i = 0; i < 4; ++i) {
      const std::size_t at = round % 2 == 0 ? random() % bytes.size() : 2048 + random() % (bytes.size() - 2048);
      bytes[at] = static_cast<char>(random());
    }
    if (round % 3 == 0) bytes.resize(random() % bytes.size());
    SCOPED_TRACE(testing::Message() << "round " << round);
    check(bytes);
  }
}

TEST_F(HostileFile, WhatIsNoFileIsOneLine) {
  for (const std::string& bytes : {std::string(), std::string("x"), std::string(4096, '\0'), std::string(4096, '\xff'),
                                   std::string("towlfile*"), whole_.substr(0, 2047)}) {
    check(bytes);
  }
  // The other magic, the other version.
  std::string bytes = whole_;
  bytes[8] = '2';
  check(bytes);
  bytes = whole_;
  bytes[9] = 2;
  check(bytes);
}

}  // namespace
}  // namespace towl::test
