// Patterns and what they find.
#include "inputs/file/file_finder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/temp_folder.hpp"

namespace towld {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

namespace fs = std::filesystem;

class FileFinderTest : public testing::Test {
 protected:
  void make(const std::string& name) {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << "x\n";
  }

  /// What the pattern finds, below the folder.
  std::vector<std::string> find(const std::string& pattern, const std::vector<std::string>& exclude = {}) {
    FileInputConfig config;
    config.include = {(folder_ / pattern).string()};
    for (const std::string& name : exclude) {
      config.exclude.push_back(name.find('/') == std::string::npos ? name : (folder_ / name).string());
    }
    const auto finder = FileFinder::create(config);
    EXPECT_TRUE(finder) << finder.error().to_string();
    if (!finder) return {};
    found_ = finder->find();
    std::vector<std::string> names;
    for (const std::string& path : found_.paths)
      names.push_back(fs::path(path).lexically_relative(folder_.path()).string());
    return names;
  }

  towl::test::TempFolder folder_;
  FoundFiles found_;
};

TEST_F(FileFinderTest, PatternsMatchWithinANameOrAcrossFolders) {
  for (const char* name : {"a.log", "b.log", "b.txt", "one/c.log", "one/two/d.log", ".hidden.log", "one/.h/e.log"}) {
    make(name);
  }
  EXPECT_THAT(find("*.log"), ElementsAre("a.log", "b.log"));
  EXPECT_THAT(find("?.log"), ElementsAre("a.log", "b.log"));
  EXPECT_THAT(find("[!a].*"), ElementsAre("b.log", "b.txt"));
  EXPECT_THAT(find("[a-b].{log,txt}"), ElementsAre("a.log", "b.log", "b.txt"));
  EXPECT_THAT(find("*/*.log"), ElementsAre("one/c.log"));
  EXPECT_THAT(find("**/*.log"), ElementsAre("a.log", "b.log", "one/c.log", "one/two/d.log"));
  EXPECT_THAT(find("one/**"), ElementsAre("one/c.log", "one/two/d.log"));
  EXPECT_THAT(find("**/two/*"), ElementsAre("one/two/d.log"));
  EXPECT_THAT(find("**/**/d.log"), ElementsAre("one/two/d.log"));
  EXPECT_THAT(find(".h*"), ElementsAre(".hidden.log"));
  EXPECT_THAT(find("one/c.log"), ElementsAre("one/c.log"));
  EXPECT_THAT(find("\\*.log"), IsEmpty());
  EXPECT_THAT(find("nowhere/*.log"), IsEmpty());
}

TEST_F(FileFinderTest, WhetherAPathIsWantedIsToldWithoutTheFile) {
  const auto wants = [](const std::string& pattern, const std::string& path, const std::string& exclude = "") {
    FileInputConfig config{.include = {pattern}};
    if (!exclude.empty()) config.exclude = {exclude};
    return FileFinder::create(config)->wants(path);
  };
  EXPECT_TRUE(wants("/nowhere/*.log", "/nowhere/a.log"));
  EXPECT_TRUE(wants("/nowhere/a.log", "/nowhere/a.log"));
  EXPECT_TRUE(wants("/nowhere/**/*.log", "/nowhere/a.log"));
  EXPECT_TRUE(wants("/nowhere/**/x/*.log", "/nowhere/b/x/x/a.log"));
  EXPECT_TRUE(wants("/nowhere/**", "/nowhere/b/c"));
  EXPECT_FALSE(wants("/nowhere/*.log", "/nowhere/b/a.log"));
  EXPECT_FALSE(wants("/nowhere/*.log", "/elsewhere/a.log"));
  EXPECT_FALSE(wants("/nowhere/**/*.log", "/nowhere/.b/a.log"));
  EXPECT_FALSE(wants("/nowhere/*.log", "/nowhere/a.log", "a.*"));
  EXPECT_FALSE(wants("/nowhere/*.log", "/nowhere"));
}

TEST_F(FileFinderTest, ExclusionsAreNamesOrWholePaths) {
  for (const char* name : {"a.log", "a.log.gz", "old/a.log", "old/deep/b.log"}) make(name);
  EXPECT_THAT(find("**/a*", {"*.gz"}), ElementsAre("a.log", "old/a.log"));
  EXPECT_THAT(found_.excluded, ElementsAre((folder_ / "a.log.gz").string()));
  EXPECT_THAT(find("**/*.log", {"old/*.log"}), ElementsAre("a.log", "old/deep/b.log"));
  EXPECT_THAT(find("**/*.log", {"old/**/*"}), ElementsAre("a.log"));
}

TEST_F(FileFinderTest, FoldersWhereTheNextMatchMayAppearAreNamed) {
  make("one/a.log");
  find("*/a.log");
  EXPECT_THAT(found_.folders, ElementsAre(folder_.path().string(), (folder_ / "one").string()));
  find("not/yet/there/*.log");
  EXPECT_THAT(found_.folders, ElementsAre(folder_.path().string()));
}

TEST_F(FileFinderTest, LinksBetweenFoldersDoNotLeadInCircles) {
  make("one/a.log");
  fs::create_directory_symlink(folder_ / "one", folder_ / "one" / "again");
  EXPECT_THAT(find("**/*.log"), ElementsAre("one/a.log"));
  EXPECT_THAT(find("one/again/*.log"), ElementsAre("one/again/a.log"));
}

TEST_F(FileFinderTest, FoldersAreNoFiles) {
  fs::create_directories(folder_ / "a.log");
  EXPECT_THAT(find("*.log"), IsEmpty());
}

TEST_F(FileFinderTest, PatternsThatMakeNoSenseAreRefused) {
  for (const char* pattern : {"/var/log/[a", "/var/log/{a,b", "/var/log/", "/", "/[z-a]"}) {
    FileInputConfig config;
    config.include = {pattern};
    EXPECT_FALSE(FileFinder::create(config)) << pattern;
  }
}

// A pattern with many stars takes exponential time if it is matched by trying.
TEST_F(FileFinderTest, HostileNamesAreMatchedInLinearTime) {
  make(std::string(250, 'a'));
  EXPECT_THAT(find("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b"), IsEmpty());
}

}  // namespace
}  // namespace towld
