// A collector that breaks the protocol is named in one line and leaves the mirror as it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towl/file_writer.hpp"
#include "towlctl/commands/fake_collector.hpp"
#include "towlctl/commands/run_towlctl.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct Lie {
  const char* name;
  std::function<void(v1::PullResponse&)> pull;
  std::function<void(v1::ListFilesResponse&)> list;
};
void PrintTo(const Lie& lie, std::ostream* to) { *to << lie.name; }

using Chunk = v1::Chunk;

Lie chunk_lie(const char* name, std::function<void(Chunk&)> change) {
  return {name,
          [change](v1::PullResponse& message) {
            if (message.has_chunk()) change(*message.mutable_chunk());
          },
          nullptr};
}

Lie reached_lie(const char* name, std::function<void(v1::FileInfo&)> change) {
  return {name,
          [change](v1::PullResponse& message) {
            if (message.has_reached()) change(*message.mutable_reached());
          },
          nullptr};
}

Lie list_lie(const char* name, std::function<void(v1::ListFilesResponse&)> change) { return {name, nullptr, change}; }

/// As a header would have it, followed by nothing.
std::string giant_entry() {
  std::string bytes(8, '\0');
  bytes[7] = '\x7F';
  return bytes + std::string(1000, 'x');
}

const Lie kLies[] = {
    chunk_lie("Offset", [](Chunk& chunk) { chunk.set_offset(chunk.offset() + 1); }),
    chunk_lie("OffsetInThePages", [](Chunk& chunk) { chunk.set_offset(0); }),
    chunk_lie("First", [](Chunk& chunk) { chunk.set_first(chunk.first() + 1); }),
    chunk_lie("CountTooHigh", [](Chunk& chunk) { chunk.set_count(chunk.count() + 1); }),
    chunk_lie("CountTooLow", [](Chunk& chunk) { chunk.set_count(chunk.count() - 1); }),
    chunk_lie("CountHuge", [](Chunk& chunk) { chunk.set_count(UINT64_MAX); }),
    chunk_lie("NoEntries",
              [](Chunk& chunk) {
                chunk.set_count(0);
                chunk.clear_data();
              }),
    chunk_lie("HalfAnEntry", [](Chunk& chunk) { chunk.mutable_data()->pop_back(); }),
    chunk_lie("Garbage", [](Chunk& chunk) { chunk.mutable_data()->assign(chunk.data().size(), '\xAB'); }),
    chunk_lie("BadTime", [](Chunk& chunk) { chunk.mutable_data()->at(8 + 6 + 8) = 'x'; }),
    chunk_lie("GiantEntry", [](Chunk& chunk) { *chunk.mutable_data() = giant_entry(); }),
    chunk_lie("GiantMessage", [](Chunk& chunk) { chunk.mutable_data()->resize(80 << 20); }),
    reached_lie("ReachedCount", [](v1::FileInfo& info) { info.set_count(info.count() - 1); }),
    reached_lie("ReachedSize", [](v1::FileInfo& info) { info.set_size(info.size() + 1); }),
    reached_lie("ReachedState", [](v1::FileInfo& info) { info.set_state(v1::FILE_STATE_OPEN); }),
    {"AnotherFile",
     [](v1::PullResponse& message) {
       if (message.has_file()) message.mutable_file()->set_file_id(77);
     },
     nullptr},
    {"NoFile",
     [](v1::PullResponse& message) {
       if (message.has_file()) message.clear_event();
     },
     nullptr},
    {"NoReached",
     [](v1::PullResponse& message) {
       if (message.has_reached()) message.clear_event();
     },
     nullptr},
    list_lie("ListedTwice", [](v1::ListFilesResponse& list) { *list.add_files() = list.files(0); }),
    list_lie("MoreForEver",
             [](v1::ListFilesResponse& list) {
               list.clear_files();
               list.set_more(true);
             }),
    list_lie("CountThatDoesNotFit", [](v1::ListFilesResponse& list) { list.mutable_files(0)->set_count(UINT64_MAX); }),
    list_lie("SizeInThePages", [](v1::ListFilesResponse& list) { list.mutable_files(0)->set_size(12); }),
    list_lie("HugeTitle",
             [](v1::ListFilesResponse& list) { list.mutable_files(0)->set_title(std::string(1 << 20, 't')); }),
    list_lie("TitleOverThePage",
             [](v1::ListFilesResponse& list) { list.mutable_files(0)->set_title(std::string(1010, 't')); }),
    list_lie("FutureVersion", [](v1::ListFilesResponse& list) { list.mutable_files(0)->set_format_version(99); }),
    list_lie("UnknownState",
             [](v1::ListFilesResponse& list) { list.mutable_files(0)->set_state(v1::FILE_STATE_UNSPECIFIED); }),
};

class HostileCollector : public testing::TestWithParam<Lie> {
 protected:
  void SetUp() override {
    write("1.towl", 300);
    collector_.change_pull = GetParam().pull;
    collector_.change_list = GetParam().list;
  }
  void write(const char* name, std::uint64_t count) {
    auto writer = FileWriter::create(server_ / name,
                                     {.file_id = 1, .title = "syslog", .opened = 1'000, .format = FileFormat::v1});
    ASSERT_TRUE(writer && writer->append(views(numbered_entries(0, count))) && writer->close(2'000));
  }
  Ran sync() { return run_towlctl({"sync", "--server", collector_.address(), "--store", mirror_.path().string()}); }

  TempFolder server_;
  TempFolder mirror_;
  FakeCollector collector_{server_.path()};
};

TEST_P(HostileCollector, GetsOneLineAndDoesNoHarm) {
  const Ran cold = sync();
  EXPECT_EQ(cold.code, 1) << cold.err;
  EXPECT_LE(cold.lines(), 2) << cold.err;  // the error and the summary
  EXPECT_THAT(cold.err, HasSubstr("towlctl: "));
  // What is in the mirror is a prefix of the truth, and an honest collector completes it.
  const std::string whole = bytes_of(server_ / "1.towl");
  if (fs::exists(mirror_ / "1.towl")) {
    const std::string have = bytes_of(mirror_ / "1.towl");
    EXPECT_EQ(have.substr(2048), whole.substr(2048, have.size() - 2048));
  }
  collector_.change_pull = nullptr;
  collector_.change_list = nullptr;
  EXPECT_EQ(sync().code, 0);
  EXPECT_EQ(bytes_of(mirror_ / "1.towl"), whole);
  EXPECT_FALSE(fs::exists(mirror_ / "1.towl.diverged"));
}

INSTANTIATE_TEST_SUITE_P(Lies, HostileCollector, testing::ValuesIn(kLies),
                         [](const testing::TestParamInfo<Lie>& lie) { return std::string(lie.param.name); });

}  // namespace
}  // namespace towl::test
