// Lines on a pipe become entries.
#include "inputs/stdin/stdin_input.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <future>
#include <random>

#include "limits/limits.hpp"
#include "towld/inputs/input_support.hpp"

namespace towld {
namespace {

using testing::ElementsAre;
using towl::test::eventually;

class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe2(fds_.data(), O_CLOEXEC), 0); }
  ~Pipe() {
    close();
    ::close(fds_[0]);
  }
  int out() const { return fds_[0]; }
  void write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t written = ::write(fds_[1], text.data(), text.size());
      ASSERT_GT(written, 0);
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void close() {
    if (fds_[1] >= 0) ::close(fds_[1]);
    fds_[1] = -1;
  }

 private:
  std::array<int, 2> fds_ = {-1, -1};
};

class StdinTest : public testing::Test {
 protected:
  std::unique_ptr<StdinInput> start(InputContext context) {
    auto started = StdinInput::start(std::move(context), {pipe_.out(), [this] { ended_.set_value(); }});
    EXPECT_TRUE(started) << started.error().to_string();
    return std::move(*started);
  }
  std::unique_ptr<StdinInput> start() { return start(store_.context("stdin")); }

  void wait_for_end() { ASSERT_EQ(ended_.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready); }

  test::MemoryStore store_;
  Pipe pipe_;
  std::promise<void> ended_;
};

TEST_F(StdinTest, LinesAreStoredWhileTheyComeAndTheLastOneAtTheEnd) {
  const auto input = start();
  pipe_.write("one\ntw");
  ASSERT_TRUE(store_.has_stored(1));
  pipe_.write("o\r\n\n\xff\n");
  ASSERT_TRUE(store_.has_stored(4));
  pipe_.write(std::string("last\0x", 6));
  EXPECT_EQ(input->status().ended, false);
  EXPECT_THAT(input->status().counts, testing::ElementsAre(testing::Pair("unstored_batches", 0u)));
  EXPECT_EQ(input->status().error, "");
  pipe_.close();
  wait_for_end();
  EXPECT_THAT(store_.texts(), ElementsAre("one", "two", "", "\xff", std::string("last\0x", 6)));
  EXPECT_EQ(input->status().ended, true);
  EXPECT_THAT(input->status().counts, testing::ElementsAre(testing::Pair("unstored_batches", 0u)));
  EXPECT_EQ(input->status().error, "");
  EXPECT_EQ(store_.entries().front().sender, "here");
  EXPECT_GT(store_.entries().front().received, 0);
}

TEST_F(StdinTest, NothingIsReadWhileThereIsNoRoomAndAllIsStoredInTheEnd) {
  std::promise<void> block;
  auto blocked = block.get_future();
  ASSERT_TRUE(store_.ingest().run([&](towl::StoreWriter&) -> std::function<void()> {
    blocked.wait();
    return [] {};
  }));
  const auto input = start();
  std::atomic<std::size_t> written = 0;
  constexpr std::size_t kCount = 30'000;
  std::jthread writer([&] {
    for (std::size_t i = 0; i < kCount; ++i) {
      pipe_.write(std::to_string(i) + std::string(1000, '.') + "\n");
      ++written;
    }
    pipe_.close();
  });
  // It fills the queue, and then the writer has to wait.
  EXPECT_TRUE(eventually([&] { return store_.ingest().queued_bytes() >= kMaxQueuedBytes; }));
  EXPECT_LT(written, kCount);
  block.set_value();
  wait_for_end();
  const auto texts = store_.texts();
  ASSERT_EQ(texts.size(), kCount);
  for (std::size_t i = 0; i < kCount; ++i) ASSERT_TRUE(texts[i].starts_with(std::to_string(i) + "."));
}

TEST_F(StdinTest, WhatAFullDiskRefusedIsStoredOnceThereIsRoom) {
  store_.disk().set_capacity(3000);
  const auto input = start();
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "line " + std::to_string(i) + "\n";
  pipe_.write(text.substr(0, 30'000));
  EXPECT_TRUE(eventually([&] { return input->status().error->find("no space") != std::string::npos; }));
  store_.disk().set_capacity(std::uint64_t{1} << 30);
  pipe_.write(text.substr(30'000));
  pipe_.close();
  wait_for_end();
  const auto texts = store_.texts();
  ASSERT_EQ(texts.size(), 5000u);
  for (int i = 0; i < 5000; ++i) EXPECT_EQ(texts[static_cast<std::size_t>(i)], "line " + std::to_string(i));
  EXPECT_EQ(store_.counters().received, 5000u);
}

TEST_F(StdinTest, ItStopsWhileNothingComesAndStoresWhatItHas) {
  const auto input = start();
  pipe_.write("one\npart");
  ASSERT_TRUE(store_.has_stored(1));
  input->stop();
  ASSERT_TRUE(store_.ingest().stop());
  EXPECT_THAT(store_.texts(), ElementsAre("one", "part"));
}

TEST_F(StdinTest, WhatIsLostAtTheEndOfAFullDiskIsCounted) {
  store_.disk().set_capacity(0);
  const auto input = start();
  pipe_.write("a\nb\n");
  EXPECT_TRUE(eventually([&] { return input->status().error->find("no space") != std::string::npos; }));
  input->stop();
  EXPECT_EQ(store_.counters().dropped, 2u);
  EXPECT_EQ(store_.counters().overflowed, 2u);
  EXPECT_EQ(store_.counters().received, 2u);
  EXPECT_EQ(store_.ingest().counters().dropped, 2u);
}

TEST_F(StdinTest, LinesThatAreTooLongAreCutAndSaySo) {
  auto context = store_.context("stdin");
  context.max_entry_bytes = 1000;
  const auto input = start(context);
  pipe_.write("short\n" + std::string(1'000'000, 'x') + "\nshort\n");
  pipe_.close();
  wait_for_end();
  const auto texts = store_.texts();
  ASSERT_EQ(texts.size(), 3u);
  EXPECT_THAT(texts[1], testing::StartsWith(R"({"MESSAGE":"xxxxx)"));
  EXPECT_THAT(texts[1], testing::HasSubstr(R"("TOWL_ORIGINAL_BYTES":"1000000")"));
  EXPECT_LE(texts[1].size(), 1000u + entry_room_bytes(1000)) << "what is told of the cut has room of its own";
  EXPECT_EQ(store_.counters().cut, 1u);
}

TEST(LineSplitter, GivesTheSameLinesHoweverTheBytesCome) {
  const std::string text = "a\n\nbc\r\n\rd\r\n" + std::string(50, 'x') + "\r\n" + std::string(5, 'y') + "\r\nend\r";
  const auto split = [&](std::size_t step) {
    std::vector<std::pair<std::string, std::uint64_t>> lines;
    const auto take = [&](std::string_view line, std::uint64_t bytes) { lines.emplace_back(line, bytes); };
    LineSplitter splitter(10);
    for (std::size_t i = 0; i < text.size(); i += step) splitter.add(std::string_view(text).substr(i, step), take);
    splitter.finish(take);
    return lines;
  };
  const auto lines = split(text.size());
  EXPECT_EQ(lines,
            (std::vector<std::pair<std::string, std::uint64_t>>{
                {"a", 1}, {"", 0}, {"bc", 2}, {"\rd", 2}, {std::string(10, 'x'), 51}, {"yyyyy", 5}, {"end", 3}}));
  for (std::size_t step = 1; step < text.size(); ++step) EXPECT_EQ(split(step), lines) << step;
}

}  // namespace
}  // namespace towld
