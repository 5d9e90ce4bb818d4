#include "ingest/ingest.hpp"

#include <gtest/gtest.h>

#include <future>

#include "log/logger.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"

namespace towld {
namespace {

using namespace std::chrono_literals;

class IngestTest : public testing::Test {
 protected:
  IngestTest() {
    auto started = Ingest::start({.path = folder_.path(), .partition = {.max_entries = 1000}}, log());
    EXPECT_TRUE(started) << started.error().to_string();
    ingest_ = std::move(*started);
  }

  static std::shared_ptr<spdlog::logger> log() { return make_logger({.level = LogLevel::error}); }

  Batch batch(std::uint64_t count, Durability durability,
              std::function<void(const towl::Result<Acknowledgement>&)> done) {
    auto entries = std::make_shared<std::vector<towl::Entry>>(towl::test::numbered_entries(0, count));
    Batch made;
    made.durability = durability;
    made.entries = towl::test::views(*entries);
    made.owner = entries;
    made.bytes = 100 * count;
    made.done = std::move(done);
    return made;
  }

  /// Submits and waits for the answer.
  towl::Result<Acknowledgement> submit(std::uint64_t count, Durability durability) {
    std::promise<towl::Result<Acknowledgement>> answer;
    ingest_->submit(batch(count, durability, [&](const auto& result) { answer.set_value(result); }));
    return answer.get_future().get();
  }

  towl::test::TempFolder folder_;
  std::unique_ptr<Ingest> ingest_;
};

TEST_F(IngestTest, ReadersFindWhatIsAcknowledged) {
  for (std::uint64_t i = 1; i <= 50; ++i) {
    ASSERT_TRUE(submit(10, Durability::synced));
    EXPECT_EQ(ingest_->state().get().open->end.ordinal, 10 * i);
  }
}

TEST_F(IngestTest, WhatIsOnlyWrittenIsNotShownUntilItIsDurable) {
  ASSERT_TRUE(submit(10, Durability::written));
  std::promise<void> durable;
  ingest_->make_durable([&] { durable.set_value(); });
  durable.get_future().get();
  const towl::StoreState state = ingest_->state().get();
  EXPECT_EQ(state.open->end.ordinal, 10u);
  EXPECT_EQ(state.open->index.count, 10u);
  EXPECT_FALSE(state.unsynced);
}

TEST_F(IngestTest, WhatIsWrittenIsDurableWithinAboutASecond) {
  ASSERT_TRUE(submit(10, Durability::written));
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (ingest_->state().get().unsynced && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(5ms);
  EXPECT_EQ(ingest_->state().get().open->end.ordinal, 10u);
}

class Listener : public towl::StoreListener {
 public:
  void store_changed() override { ++changes; }
  std::atomic<int> changes = 0;
};

TEST_F(IngestTest, ListenersHearOfMoreToReadUntilTheyGo) {
  auto listener = std::make_shared<Listener>();
  ingest_->state().add(listener);
  EXPECT_EQ(ingest_->state().listeners(), 1u);
  ASSERT_TRUE(submit(1, Durability::synced));
  EXPECT_GE(listener->changes, 1);
  listener.reset();
  EXPECT_EQ(ingest_->state().listeners(), 0u);
  ASSERT_TRUE(submit(1, Durability::synced));
}

// Between two looks at the store there was no open file, and is none again.
TEST_F(IngestTest, AGroupThatFillsAFileToItsEndIsMoreToRead) {
  const std::uint64_t before = ingest_->state().get().generation;
  auto listener = std::make_shared<Listener>();
  ingest_->state().add(listener);
  ASSERT_TRUE(submit(1000, Durability::synced));
  EXPECT_FALSE(ingest_->state().get().open);
  EXPECT_GT(ingest_->state().get().generation, before);
  EXPECT_GE(listener->changes, 1);
}

// Otherwise every reader would look at all files again.
TEST_F(IngestTest, WhoAsksForPositionsChangesNoFile) {
  ASSERT_TRUE(submit(1, Durability::synced));
  const std::uint64_t generation = ingest_->state().get().generation;
  EXPECT_FALSE(ingest_->positions().empty());
  ingest_->hold("somebody", Ingest::Hold{.keep_from = 1});
  EXPECT_FALSE(ingest_->positions().empty());
  EXPECT_EQ(ingest_->state().get().generation, generation);
  EXPECT_EQ(ingest_->state().get().identity.size(), 32u);
}

TEST_F(IngestTest, AFullQueueSaysSoAndTellsWhenThereIsRoom) {
  std::promise<void> block;
  auto blocked = block.get_future();
  ASSERT_TRUE(ingest_->run([&](towl::StoreWriter&) -> std::function<void()> {
    blocked.wait();
    return [] {};
  }));
  std::atomic<int> answered = 0;
  std::promise<void> resumed;
  bool room = true;
  int submitted = 0;
  while (room) {
    auto made = batch(10, Durability::written, [&](const auto&) { ++answered; });
    made.bytes = std::size_t{1} << 20;
    ingest_->submit(std::move(made));
    ++submitted;
    ASSERT_LE(submitted, 100);
    room = ingest_->has_room_or([&] { resumed.set_value(); });
  }
  EXPECT_GE(ingest_->queued_bytes(), kMaxQueuedBytes);
  EXPECT_EQ(answered, 0);
  block.set_value();
  resumed.get_future().get();
  ASSERT_TRUE(ingest_->stop());
  EXPECT_EQ(answered, submitted);
}

TEST_F(IngestTest, StoppingStoresWhatIsQueuedAndRefusesTheRest) {
  std::atomic<int> stored = 0;
  for (int i = 0; i < 200; ++i) {
    ingest_->submit(batch(5, Durability::interval, [&](const auto& result) { stored += result ? 1 : 0; }));
  }
  ASSERT_TRUE(ingest_->stop());
  EXPECT_EQ(stored, 200);
  EXPECT_EQ(submit(1, Durability::synced).error().code, towl::ErrorCode::closed);
  EXPECT_EQ(towl::test::read_all(ingest_->reader()).size(), 1000u);
  const IngestCounters& counters = ingest_->counters();
  EXPECT_EQ(counters.received, counters.stored + counters.rejected + counters.dropped);
  // The lock is gone: another may write now.
  EXPECT_TRUE(Ingest::start({.path = folder_.path()}, log()));
}

}  // namespace
}  // namespace towld
