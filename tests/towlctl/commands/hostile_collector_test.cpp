// If a collector breaks the protocol, one line says so, and the mirror stays as it was.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "collector/append_stream.hpp"
#include "collector/collector.hpp"
#include "collector/pull_stream.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "sync/file_list.hpp"
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

// What has no end is ended here.
class EndlessCollector : public testing::Test {
 protected:
  EndlessCollector() {
    auto writer = FileWriter::create(server_ / "1.towl",
                                     {.file_id = 1, .title = "syslog", .opened = 1'000, .format = FileFormat::v1});
    EXPECT_TRUE(writer && writer->append(views(numbered_entries(0, 300))) && writer->close(2'000));
  }
  Ran sync() { return run_towlctl({"sync", "--server", collector_.address(), "--store", mirror_.path().string()}); }

  /// Sends what `next` makes until the client has enough; fails if it never has.
  void send_for_ever(const std::function<void(v1::PullResponse&, std::uint64_t)>& next) {
    collector_.script_pull = [this, next](grpc::ServerContext& context, grpc::ServerWriter<v1::PullResponse>& to) {
      v1::PullResponse message;
      for (std::uint64_t i = 0; i < 1'000'000; ++i) {
        message.Clear();
        next(message, i);
        if (!to.Write(message) || context.IsCancelled()) return grpc::Status::CANCELLED;
      }
      had_enough_ = false;
      return grpc::Status::OK;
    };
  }
  void expect_an_end() {
    const Ran ran = sync();
    EXPECT_EQ(ran.code, 1) << ran.err;
    EXPECT_LE(ran.lines(), 2) << ran.err;
    EXPECT_TRUE(had_enough_);
    // No more of it is on the disk than was announced, and its pages.
    std::uintmax_t bytes = 0;
    for (const auto& file : fs::recursive_directory_iterator(mirror_.path())) {
      if (file.is_regular_file()) bytes += file.file_size();
    }
    EXPECT_LT(bytes, fs::file_size(server_ / "1.towl") + 16'384);
  }
  v1::FileInfo info() {
    v1::ListFilesResponse listed;
    grpc::ClientContext context;
    const auto channel = grpc::CreateChannel(collector_.address(), grpc::InsecureChannelCredentials());
    EXPECT_TRUE(v1::Towl::NewStub(channel)->ListFiles(&context, {}, &listed).ok());
    return listed.files(0);
  }

  TempFolder server_;
  TempFolder mirror_;
  FakeCollector collector_{server_.path()};
  std::atomic<bool> had_enough_ = true;
};

TEST_F(EndlessCollector, BeginningsOfAFile) {
  send_for_ever([file = info()](v1::PullResponse& message, std::uint64_t) { *message.mutable_file() = file; });
  expect_an_end();
}

// gRPC 1.51 unpacks without a bound: what a collector packs is refused, and unpacked by nobody.
TEST_F(EndlessCollector, MessagesThatGrpcWouldUnpack) {
  collector_.script_pull = [file = info()](grpc::ServerContext& context, grpc::ServerWriter<v1::PullResponse>& to) {
    context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
    v1::PullResponse message;
    *message.mutable_file() = file;
    to.Write(message);
    message.mutable_chunk()->set_offset(2048);
    message.mutable_chunk()->set_data(std::string(std::size_t{1} << 20, '\0'));
    to.Write(message);
    return grpc::Status::OK;
  };
  const Ran ran = sync();
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("ompress"));
  EXPECT_LE(ran.lines(), 2) << ran.err;
}

TEST_F(EndlessCollector, EmptyChunks) {
  send_for_ever([file = info()](v1::PullResponse& message, std::uint64_t i) {
    if (i == 0) {
      *message.mutable_file() = file;
    } else {
      message.mutable_chunk()->set_offset(2048);
    }
  });
  expect_an_end();
}

TEST_F(EndlessCollector, MoreEntriesThanAnnounced) {
  const std::string whole = bytes_of(server_ / "1.towl");
  send_for_ever([file = info(), data = whole.substr(2048)](v1::PullResponse& message, std::uint64_t i) {
    if (i == 0) {
      *message.mutable_file() = file;
      return;
    }
    v1::Chunk& chunk = *message.mutable_chunk();
    chunk.set_first((i - 1) * 300);
    chunk.set_offset(2048 + (i - 1) * data.size());
    chunk.set_count(300);
    chunk.set_data(data);
  });
  expect_an_end();
}

/// Lists files, page after page, and has nothing else.
class EndlessLister final : public towlctl::Collector {
 public:
  const std::string& server() const override { return server_; }
  towlctl::PullResult<void> connect(const std::stop_token&) override { return {}; }
  towlctl::PullResult<towlctl::FilePage> list_files(const towlctl::ListRequest& request,
                                                    const std::stop_token&) override {
    towlctl::FilePage page{.files = {}, .more = true, .store = {}};
    page.files.resize(request.page_size);
    for (std::uint32_t i = 0; i < request.page_size; ++i) page.files[i].header.file_id = request.after + 1 + i;
    return page;
  }
  std::unique_ptr<towlctl::PullStream> pull(const FeedStart&) override { return nullptr; }
  std::unique_ptr<towlctl::QueryStream> query(const towlctl::QueryCall&) override { return nullptr; }
  std::unique_ptr<towlctl::AppendStream> append(const towlctl::AppendStart&) override { return nullptr; }
  Result<towlctl::CollectorStats> stats() override { return towlctl::CollectorStats{}; }
  Result<std::string> version() override { return std::string(); }
  Result<towlctl::Retained> retain(const towlctl::RetainCall&) override { return towlctl::Retained{}; }

 private:
  const std::string server_ = "nowhere";
};

TEST(EndlessLister, IsNotListenedToForEver) {
  EndlessLister collector;
  towlctl::FileList list(collector, {});
  std::size_t files = 0;
  for (;;) {
    const auto page = list.next_page({});
    if (!page) {
      EXPECT_THAT(page.error().message, HasSubstr("has no end"));
      break;
    }
    files += page->size();
    ASSERT_FALSE(page->empty());
    ASSERT_LE(files, 1'000'000u);
  }
}

TEST_F(EndlessCollector, AMessageThatUnpacksToAHundredTimesItsSize) {
  collector_.script_list = [](const v1::ListFilesRequest&, v1::ListFilesResponse& response) {
    for (int i = 0; i < 2'000'000; ++i) response.add_files();
  };
  const Ran ran = sync();
  EXPECT_EQ(ran.code, 1) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("RESOURCE_EXHAUSTED"));
}

class LyingCollector : public EndlessCollector {
 protected:
  Ran append(const std::vector<std::string>& more) {
    fs::path log = mirror_ / "x.log";
    write_bytes(log, "one\ntwo\n");
    std::vector<std::string> arguments = {"append", "--server", collector_.address(), log.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_towlctl(arguments);
  }
};

// A user that asks for `synced` may delete the original once it is acknowledged.
TEST_F(LyingCollector, ALowerLevelThanAskedForIsAFailure) {
  collector_.acknowledged_as = v1::DURABILITY_WRITTEN;
  const Ran ran = append({"--durability", "synced"});
  EXPECT_EQ(ran.code, 2) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("stored entries as `written`, and not as `synced`"));
  EXPECT_EQ(append({"--durability", "written"}).code, 0);
  EXPECT_EQ(append({}).code, 0);
  collector_.acknowledged_as = v1::DURABILITY_UNSPECIFIED;
  EXPECT_EQ(append({"--durability", "interval"}).code, 2);
}

TEST_F(LyingCollector, AcknowledgementsOfNothingAreNotKept) {
  collector_.acknowledgements = 100'000;
  // What is needed is taken, the rest is not.
  EXPECT_EQ(append({}).code, 0);
}

// Names, descriptions, versions, titles, errors: nothing that a collector says does anything to a terminal.
TEST_F(LyingCollector, NothingItSaysReachesTheTerminalAsItIs) {
  const std::string evil =
      "\x1b]0;owned\x07\x1b[2J\xc2\x9b"
      "31m\r";
  v1::InputStats& input = *collector_.stats.add_inputs();
  input.set_name(evil);
  input.set_description("{\"type\":\"" + evil + "\"}");
  v1::OutputStats& output = *collector_.stats.add_outputs();
  output.set_name(evil);
  output.set_description(R"({"type":"towl","connected_to":"\u001b[2J","error":"\u001b[31m"})");
  collector_.change_list = [&](v1::ListFilesResponse& list) {
    list.mutable_files(0)->set_title(evil);
    list.mutable_files(0)->set_org(evil);
  };
  collector_.script_pull = [&](grpc::ServerContext&, grpc::ServerWriter<v1::PullResponse>&) {
    return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, evil);
  };
  for (const std::vector<std::string>& command : {std::vector<std::string>{"stat"},
                                                  {"stat", "--json"},
                                                  {"sync", "--store", mirror_.path().string()},
                                                  {"retain", "--max-age", "1d"}}) {
    std::vector<std::string> arguments = command;
    arguments.insert(arguments.end(), {"--server", collector_.address()});
    const Ran ran = run_towlctl(arguments);
    for (const char* bad : {"\x1b", "\x07", "\xc2\x9b", "\r"}) {
      EXPECT_EQ(ran.out.find(bad), std::string::npos) << command[0] << ": " << ran.out;
      EXPECT_EQ(ran.err.find(bad), std::string::npos) << command[0] << ": " << ran.err;
    }
  }
}

}  // namespace
}  // namespace towl::test
