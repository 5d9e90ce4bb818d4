// What towlctl append makes of its input.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towl/file_layer.hpp"
#include "towl/limits.hpp"
#include "towl/store.hpp"
#include "towlctl/commands/fake_collector.hpp"
#include "towlctl/commands/run_towlctl.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class Append : public testing::Test {
 protected:
  Ran append(const std::string& input, std::vector<std::string> more = {}) {
    write_bytes(folder_ / "input", input);
    std::vector<std::string> arguments = {"append", (folder_ / "input").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_towlctl(arguments);
  }
  Ran to_server(const std::string& input, std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--server", collector_.address()});
    return append(input, more);
  }
  Ran to_store(const std::string& input, std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--store", store().string()});
    return append(input, more);
  }
  fs::path store() const { return folder_ / "store"; }
  std::vector<Entry> stored() const { return read_all(*Store::open(store())); }

  static std::vector<std::string> texts(const std::vector<Entry>& entries) {
    std::vector<std::string> texts;
    for (const Entry& entry : entries) texts.push_back(entry.log_entry);
    return texts;
  }

  TempFolder folder_;
  TempFolder nothing_;
  FakeCollector collector_{nothing_.path()};
};

// What is asked for and what is shown is when an entry happened, not when it was appended.
TEST_F(Append, AnOldJournalEntryIsFoundByItsOwnTime) {
  const std::string old = R"({"__REALTIME_TIMESTAMP":"1700000000000000","MESSAGE":"old one"})";
  ASSERT_EQ(to_store(old + "\nnew one\n").code, 0);
  const auto entries = stored();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_GT(entries[0].received, 1'768'000'000'000'000'000);
  EXPECT_EQ(entries[0].time(), 1'700'000'000'000'000'000);
  EXPECT_EQ(entries[1].time(), entries[1].received);
  const auto cat = [&](const char* option, const char* time) {
    return run_towlctl({"cat", "--store", store().string(), option, time, "-o", "cat"}).out;
  };
  EXPECT_EQ(cat("-U", "2025-01-01"), "old one\n");
  EXPECT_EQ(cat("-S", "2025-01-01"), "new one\n");
  ASSERT_EQ(to_server(old).code, 0);
  EXPECT_EQ(collector_.appended()[0].received, 1'700'000'000'000'000'000) << "its event time is what is sent";
}

TEST_F(Append, EveryByteIsKept) {
  const std::string input = std::string("one\r\n\n\0nul\0\n", 12) + "\xFF\xFEno utf-8\n\n{\"not\":\"journal\"}\nlast";
  const std::vector<std::string> lines = {
      "one\r", "", std::string("\0nul\0", 5), "\xFF\xFEno utf-8", "", "{\"not\":\"journal\"}", "last"};
  EXPECT_EQ(to_store(input).code, 0);
  EXPECT_EQ(texts(stored()), lines);
  EXPECT_EQ(to_server(input).code, 0);
  EXPECT_EQ(texts(collector_.appended()), lines);
}

TEST_F(Append, RandomBytesComeBack) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  std::string input;
  for (int i = 0; i < 3'000'000; ++i) input += random() % 97 == 0 ? '\n' : static_cast<char>(random());
  input += "x\n";
  EXPECT_EQ(to_store(input).code, 0);
  EXPECT_EQ(to_server(input).code, 0);
  std::string joined[2];
  for (const Entry& entry : stored()) joined[0] += entry.log_entry + "\n";
  for (const Entry& entry : collector_.appended()) joined[1] += entry.log_entry + "\n";
  EXPECT_TRUE(joined[0] == input);
  EXPECT_TRUE(joined[1] == input);
}

TEST_F(Append, SaysWhatIsStoredAndHowSafely) {
  EXPECT_EQ(to_server("a\nb\n").err, "stored 2 entries in file 1 (synced)\n");
  EXPECT_EQ(to_store("a\n", {"--durability", "written"}).err, "stored 1 entry in file 1 (written)\n");
  EXPECT_EQ(to_store("a\n", {"-q"}).err, "");
  const auto json = nlohmann::json::parse(to_store("a\nb\nc\n", {"--json"}).out);
  EXPECT_EQ(json["entries"], 3);
  EXPECT_EQ(json["last_file"], 1);
  EXPECT_EQ(json["durability"], "synced");
}

TEST_F(Append, SenderTitleAndFormatAreAsAsked) {
  to_store("text\n{\"MESSAGE\":\"m\"}\n", {"--sender", "web-1", "--title", "syslog"});
  to_store("forced\n", {"--log-format", "journal-json"});  // goes on in the same file
  to_store("{\"MESSAGE\":\"m\"}\n", {"--log-format", "text"});
  const auto listing = Store::open(store())->list();
  ASSERT_EQ(listing->files.size(), 1);
  EXPECT_EQ(listing->files[0].header.title, "syslog");
  const auto entries = stored();
  ASSERT_EQ(entries.size(), 4);
  EXPECT_EQ(entries[0].sender, "web-1");
  EXPECT_EQ(entries[0].log_format, LogFormat::text);
  EXPECT_EQ(entries[1].log_format, LogFormat::journal_json);
  EXPECT_EQ(entries[2].log_format, LogFormat::journal_json);
  EXPECT_EQ(entries[3].log_format, LogFormat::text);
}

TEST_F(Append, ALineOverTheLimitStopsThereWithTheRestStored) {
  const std::string input = "one\ntwo\n" + std::string(kMaxEntryBytes + 1, 'x') + "\nfour\n";
  const Ran ran = to_server(input);
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("stored 2 entries"));
  EXPECT_THAT(ran.err, HasSubstr("input: line 3: an entry holds at most"));
  EXPECT_THAT(texts(collector_.appended()), ElementsAre("one", "two"));
  EXPECT_EQ(to_store(input).code, 2);
  EXPECT_THAT(texts(stored()), ElementsAre("one", "two"));
}

TEST_F(Append, TheLargestLineFits) {
  const std::string line(kMaxEntryBytes - 4, 'x');
  EXPECT_EQ(to_server(line + "\n" + line, {"--sender", "host"}).code, 0);
  EXPECT_THAT(texts(collector_.appended()), ElementsAre(line, line));
  EXPECT_EQ(to_server(line + "y\n", {"--sender", "host"}).code, 2);
}

// The batch that was stored but not acknowledged is sent again, and stored once.
TEST_F(Append, ACutStreamLosesAndDoublesNothing) {
  std::string input;
  for (int i = 0; i < 20'000; ++i) input += "line " + std::to_string(i) + "\n";
  collector_.append_cuts = 3;
  const Ran ran = to_server(input);
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(collector_.append_cuts, 0);
  std::string joined;
  for (const Entry& entry : collector_.appended()) joined += entry.log_entry + "\n";
  EXPECT_TRUE(joined == input);
  EXPECT_EQ(collector_.batches(), 20);
}

TEST_F(Append, ATitleThatACollectorDoesNotUseIsSaid) {
  const Ran ran = to_server("a\n", {"--title", "t"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("--title is not used"));
  EXPECT_EQ(collector_.appended().size(), 1u);
}

TEST_F(Append, ErrorsAreOneLine) {
  const Ran unreachable = append("a\n", {"--server", "127.0.0.1:1"});
  EXPECT_EQ(unreachable.code, 2);
  EXPECT_EQ(unreachable.lines(), 1) << unreachable.err;
  const Ran missing = run_towlctl({"append", "--store", store().string(), "/no/such/file", "-q"});
  EXPECT_EQ(missing.code, 2);
  EXPECT_EQ(missing.lines(), 1) << missing.err;
  EXPECT_THAT(missing.err, HasSubstr("/no/such/file"));
  EXPECT_EQ(to_server("a\n", {"--store", store().string()}).code, 2);
  EXPECT_EQ(to_store("a\n", {"--file-format", "v7"}).code, 2);
  posix_file_layer().create_folder(store());
  const auto lock = posix_file_layer().lock(store() / "store.lock");
  ASSERT_TRUE(lock);
  const Ran locked = to_store("a\n", {"-q"});
  EXPECT_EQ(locked.code, 2);
  EXPECT_EQ(locked.lines(), 1) << locked.err;
}

// A line that `tail -f` prints must not wait for a full batch.
TEST_F(Append, ATrickleIsSentAtOnce) {
  const fs::path fifo = folder_ / "fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  std::jthread writer([&] {
    const int descriptor = open(fifo.c_str(), O_WRONLY);
    for (std::size_t sent = 1; sent <= 3; ++sent) {
      EXPECT_EQ(write(descriptor, "line\n", 5), 5);
      const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
      while (collector_.appended().size() < sent && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
      EXPECT_EQ(collector_.appended().size(), sent);
    }
    close(descriptor);
  });
  EXPECT_EQ(run_towlctl({"append", "--server", collector_.address(), fifo.string()}).code, 0);
}

}  // namespace
}  // namespace towl::test
