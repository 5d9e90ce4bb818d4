// What a sink is asked for: commits, its own position, and what waits for it.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "towld/outputs/output_fixture.hpp"

namespace towld {
namespace {

using towl::test::eventually;

/// Keeps what it gets in memory, and fails when told to.
class TestSink : public Sink {
 public:
  struct State {
    std::mutex mutex;
    std::vector<std::string> written;  // what is there, committed or not
    std::size_t committed = 0;
    bool tells = false;  // where it is
    int failing_commits = 0;

    std::vector<std::string> get() {
      std::lock_guard lock(mutex);
      return written;
    }
  };

  explicit TestSink(std::shared_ptr<State> state) : state_(std::move(state)) {}

  towl::Result<void> open(const std::optional<std::string>& committed) override {
    std::lock_guard lock(state_->mutex);
    added_.clear();
    if (committed) state_->written.resize(std::stoul(*committed));
    return {};
  }
  towl::Result<std::optional<StorePosition>> find_position() override {
    std::lock_guard lock(state_->mutex);
    if (!state_->tells) return std::nullopt;
    return StorePosition{.file_id = 1, .ordinal = state_->written.size()};
  }
  void add(const FollowedEntry& followed) override { added_.emplace_back(followed.entry.log_entry); }
  std::size_t unwritten_bytes() const override { return 100 * added_.size(); }
  bool is_within() const override { return false; }
  towl::Result<bool> write() override {
    std::lock_guard lock(state_->mutex);
    state_->written.insert(state_->written.end(), added_.begin(), added_.end());
    added_.clear();
    return true;
  }
  void wait(Wakeup&) override {}
  towl::Result<std::string> commit() override {
    std::lock_guard lock(state_->mutex);
    if (state_->failing_commits > 0 && state_->failing_commits-- > 0) {
      // What a failed sync left: everything that was committed before.
      state_->written.resize((state_->committed + state_->written.size()) / 2);
      return towl::fail(towl::ErrorCode::io, "the sync failed");
    }
    state_->committed = state_->written.size();
    return std::to_string(state_->committed);
  }

 private:
  std::shared_ptr<State> state_;
  std::vector<std::string> added_;
};

std::vector<std::string> texts(std::uint64_t first, std::uint64_t count) {
  std::vector<std::string> texts;
  for (std::uint64_t i = first; i < first + count; ++i) texts.push_back(towl::test::numbered_text(i));
  return texts;
}

TEST_F(OutputTest, AfterAFailedCommitItBeginsAnewFromTheCursor) {
  const auto state = std::make_shared<TestSink::State>();
  auto output = FollowingOutput::start(context(), ReadFrom::beginning, std::make_unique<TestSink>(state));
  ASSERT_TRUE(output);
  store_numbered(0, 20);
  ASSERT_TRUE(eventually([&] { return state->get() == texts(0, 20); }));
  (*output)->stop();
  state->failing_commits = 2;
  output = FollowingOutput::start(context(), ReadFrom::beginning, std::make_unique<TestSink>(state));
  ASSERT_TRUE(output);
  store_numbered(20, 20);
  EXPECT_TRUE(eventually([&] {
    std::lock_guard lock(state->mutex);
    return state->failing_commits == 0;
  }));
  EXPECT_TRUE(eventually([&] { return state->get() == texts(0, 40) && (*output)->status().error.empty(); }));
  EXPECT_GE((*output)->status().failures, 2u);
}

TEST_F(OutputTest, WithoutACursorItBeginsWhereTheSinkSaysItIs) {
  const auto state = std::make_shared<TestSink::State>();
  state->tells = true;
  state->written = texts(0, 30);
  store_numbered(0, 60);
  const auto output = FollowingOutput::start(context(), ReadFrom::end, std::make_unique<TestSink>(state));
  ASSERT_TRUE(output);
  EXPECT_TRUE(eventually([&] { return state->get() == texts(0, 60); }));
}

TEST_F(OutputTest, TheBacklogIsWhatIsStoredAndNotWritten) {
  open_pipe();
  const auto output = start(OutputFormat::json);
  store_numbered(0, 5000);
  const auto waiting = [&] { return output->status().backlog_entries; };
  EXPECT_EQ(waiting() + output->status().entries, 5000u);
  EXPECT_GT(waiting(), 1000u);
  EXPECT_GT(output->status().backlog_bytes, 10'000u);
  std::array<char, 65536> buffer{};
  for (std::ptrdiff_t lines = 0; lines < 5000;) {
    const ssize_t n = ::read(pipe_[0], buffer.data(), buffer.size());
    ASSERT_GT(n, 0);
    lines += std::count(buffer.data(), buffer.data() + n, '\n');
  }
  EXPECT_TRUE(eventually([&] { return waiting() == 0; }));
  EXPECT_EQ(output->status().entries, 5000u);
  EXPECT_EQ(output->status().backlog_bytes, 0u);
  EXPECT_GT(output->status().bytes, 100'000u);
}

}  // namespace
}  // namespace towld
