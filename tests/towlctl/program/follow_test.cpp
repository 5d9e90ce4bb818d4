// A follower of a mirror, whose files a sync fills side by side.
#include "towl/file_writer.hpp"
#include "towlctl/program/program_fixture.hpp"

namespace towl::test {
namespace {

class FollowProgram : public TowlctlProgram {
 protected:
  FileWriter file(FileId id) const {
    std::filesystem::create_directory(folder_.path() / "store");
    const auto path = folder_.path() / "store" / (std::to_string(id) + ".towl");
    auto writer = FileWriter::create(path, {.file_id = id, .org = "acme", .title = "log"});
    EXPECT_TRUE(writer) << writer.error().to_string();
    return std::move(*writer);
  }
  static void append(FileWriter& writer, const std::string& text) {
    ASSERT_TRUE(writer.append(EntryView{.sender = "web", .received = 1, .log_entry = text}));
    ASSERT_TRUE(writer.flush());
  }
  Process follow(const std::vector<std::string>& arguments) const {
    std::vector<std::string> command = {TOWLCTL_PROGRAM};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return Process(command, {.environment = {{"TOWL_STORE", "store"}}, .folder = folder_.path()});
  }
};

TEST_F(FollowProgram, AFileIsReadToItsEndBeforeTheNextOne) {
  FileWriter first = file(1);
  append(first, "one");
  const Process tail = follow({"tail", "-n", "all"});
  EXPECT_TRUE(eventually([&] { return tail.out() == "one\n"; })) << tail.out();
  FileWriter second = file(2);
  append(second, "three");
  append(first, "two");
  ASSERT_TRUE(first.close());
  EXPECT_TRUE(eventually([&] { return tail.out() == "one\ntwo\nthree\n"; })) << tail.out() << tail.err();
}

TEST_F(FollowProgram, SoItIsIfTheNextOneWasThereBefore) {
  FileWriter first = file(1);
  append(first, "one");
  FileWriter second = file(2);
  append(second, "three");
  ASSERT_TRUE(second.close());
  const Process tail = follow({"tail", "-n", "all"});
  EXPECT_TRUE(eventually([&] { return tail.out().starts_with("one\n"); })) << tail.out();
  append(first, "two");
  ASSERT_TRUE(first.close());
  EXPECT_TRUE(eventually([&] { return tail.out() == "one\ntwo\nthree\n"; })) << tail.out() << tail.err();
}

TEST_F(FollowProgram, AFileThatStaysOpenDoesNotHoldUpTheNextOneForLong) {
  FileWriter first = file(1);
  append(first, "one");
  FileWriter second = file(2);
  append(second, "two");
  const Process tail = follow({"tail", "-n", "all"});
  EXPECT_TRUE(eventually([&] { return tail.out() == "one\ntwo\n"; }, std::chrono::minutes(1))) << tail.out();
}

}  // namespace
}  // namespace towl::test
