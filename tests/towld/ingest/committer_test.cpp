#include "ingest/committer.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "log/logger.hpp"
#include "support/stores.hpp"
#include "towl/memory_file_layer.hpp"

namespace towld {
namespace {

using towl::StoredRange;
using Ranges = std::vector<StoredRange>;

class CommitterTest : public testing::Test {
 protected:
  CommitterTest() { start(); }

  void start() {
    committer_.reset();
    auto writer = towl::StoreWriter::open("/store", {.partition = {.max_entries = 100}, .layer = &layer_});
    ASSERT_TRUE(writer);
    committer_.emplace(std::move(*writer), towl::FileFormat::v2, counters_, make_logger({.level = LogLevel::error}));
  }

  /// The collector dies, and starts again.
  void restart() {
    layer_.stop_at(layer_.operations());
    committer_.reset();
    layer_.cut_power(towl::PowerCut::keep_all);
    start();
  }

  /// The one answer to one batch.
  towl::Result<Acknowledgement> commit_one(Batch batch) {
    std::vector<Batch> batches;
    batches.push_back(std::move(batch));
    return commit(std::move(batches)).front();
  }

  /// A batch of `count` entries, numbered from the last one's on.
  Batch batch(std::uint64_t count, const std::string& producer = "", std::uint64_t sequence = 0,
              Durability durability = Durability::synced) {
    auto entries = std::make_shared<std::vector<towl::Entry>>(towl::test::numbered_entries(next_, count));
    next_ += count;
    Batch made;
    made.producer_id = producer;
    made.sequence = sequence;
    made.durability = durability;
    made.entries = towl::test::views(*entries);
    made.owner = entries;
    made.stream = stream_;
    return made;
  }

  std::vector<towl::Result<Acknowledgement>> commit(std::vector<Batch> batches, bool sync = false) {
    return committer_->commit(batches, sync);
  }

  std::uint64_t stored() {
    std::uint64_t count = 0;
    const auto listing = committer_->writer().reader().list();
    for (const auto& file : listing->files) {
      auto reader = towl::FileReader::open(file.path, {.layer = &layer_});
      count += towl::test::read_all(*reader).size();
    }
    return count;
  }

  towl::MemoryFileLayer layer_;
  IngestCounters counters_;
  std::uint64_t next_ = 0;
  std::shared_ptr<BatchStream> stream_ = std::make_shared<BatchStream>();
  std::optional<Committer> committer_;
};

TEST_F(CommitterTest, AGroupIsSyncedOnceAndAnsweredInOrder) {
  std::vector<Batch> batches;
  batches.push_back(batch(3));
  batches.push_back(batch(4));
  const auto answers = commit(std::move(batches));
  ASSERT_TRUE(answers[0] && answers[1]);
  EXPECT_EQ(answers[0]->ranges, (Ranges{{1, 0, 3}}));
  EXPECT_EQ(answers[1]->ranges, (Ranges{{1, 3, 4}}));
  EXPECT_EQ(counters_.syncs, 1u);
  EXPECT_FALSE(committer_->unsynced());
  EXPECT_EQ(counters_.stored, 7u);
}

TEST_F(CommitterTest, WrittenIsAcknowledgedWithoutASync) {
  std::vector<Batch> batches;
  batches.push_back(batch(3, "", 0, Durability::written));
  const auto answers = commit(std::move(batches));
  EXPECT_EQ(answers[0]->durability, Durability::written);
  EXPECT_TRUE(answers[0]->ranges.empty()) << "a sync that fails may still move them";
  EXPECT_EQ(counters_.syncs, 0u);
  EXPECT_TRUE(committer_->unsynced());
}

TEST_F(CommitterTest, ABatchAcrossAPartitionNamesBothFiles) {
  std::vector<Batch> batches;
  batches.push_back(batch(150));
  EXPECT_EQ(commit(std::move(batches))[0]->ranges, (Ranges{{1, 0, 100}, {2, 0, 50}}));
}

TEST_F(CommitterTest, WhatIsSentTwiceIsStoredOnce) {
  for (const bool again : {false, true}) {
    std::vector<Batch> batches;
    batches.push_back(batch(3, "p", 1));
    const auto answers = commit(std::move(batches));
    ASSERT_TRUE(answers[0]);
    EXPECT_EQ(answers[0]->duplicate, again);
    EXPECT_EQ(answers[0]->ranges.empty(), again);
  }
  EXPECT_EQ(stored(), 3u);
  EXPECT_EQ(counters_.stored, 3u);
  EXPECT_EQ(counters_.rejected, 3u);
}

// Once if the producer numbers its batches: what is known about producers is stored with their entries.
TEST_F(CommitterTest, ABatchThatIsSentAgainAfterARestartIsADuplicate) {
  ASSERT_TRUE(commit_one(batch(5, "p", 7)));
  restart();
  const auto again = commit_one(batch(5, "p", 7));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->duplicate);
  ASSERT_TRUE(commit_one(batch(5, "p", 8)));
  EXPECT_EQ(stored(), 10u);
}

// Three files, and each call in turn fails, with or without the collector's death before it is sent again.
TEST_F(CommitterTest, ABatchThatIsSentAgainGoesOnWhereItWasCutOff) {
  bool cut_off = false;
  for (std::uint64_t call = 0; call < 30; ++call) {
    for (const bool dies : {false, true}) {
      SCOPED_TRACE(testing::Message() << "call " << call << (dies ? ", dies" : ""));
      const std::uint64_t before = stored();
      stream_ = std::make_shared<BatchStream>();
      Batch first = batch(250, "p" + std::to_string(call) + (dies ? "d" : ""), 1);
      Batch again = first;
      layer_.fail_at(layer_.operations() + call, towl::ErrorCode::no_space);
      const bool done = commit_one(std::move(first)).has_value();
      layer_.fail_at(0, towl::ErrorCode::io, 0);
      const std::uint64_t part = stored() - before;
      cut_off |= part > 0 && part < 250;
      ASSERT_TRUE(!done || part == 250u);
      if (dies) restart();
      again.stream = std::make_shared<BatchStream>();
      const auto answer = commit_one(std::move(again));
      ASSERT_TRUE(answer) << answer.error().to_string();
      ASSERT_EQ(answer->duplicate, done);
      ASSERT_EQ(stored() - before, 250u);
    }
  }
  EXPECT_TRUE(cut_off);
}

TEST_F(CommitterTest, APositionWithoutEntriesGoesWithTheNextThatHaveSome) {
  Batch nothing;
  nothing.positions = {{"file/a", "10"}};
  ASSERT_TRUE(commit_one(std::move(nothing)));
  EXPECT_EQ(committer_->writer().position("file/a"), "");
  Batch some = batch(3);
  some.positions = {{"file/b", "20"}};
  ASSERT_TRUE(commit_one(std::move(some)));
  restart();
  EXPECT_EQ(committer_->writer().position("file/a"), "10");
  EXPECT_EQ(committer_->writer().position("file/b"), "20");
}

// Otherwise its producer, which sends the failed batch again, would be told that it is a duplicate.
TEST_F(CommitterTest, NothingOfAStreamIsStoredBehindAFailedBatch) {
  layer_.set_capacity(4096);
  std::vector<Batch> batches;
  batches.push_back(batch(100'000, "p", 1));
  batches.push_back(batch(1, "p", 2));
  auto answers = commit(std::move(batches));
  EXPECT_EQ(answers[0].error().code, towl::ErrorCode::no_space);
  EXPECT_FALSE(answers[1]);
  layer_.set_capacity(std::uint64_t{1} << 30);
  stream_ = std::make_shared<BatchStream>();
  batches.clear();
  batches.push_back(batch(1, "p", 1));
  batches.push_back(batch(1, "p", 2));
  answers = commit(std::move(batches));
  ASSERT_TRUE(answers[0] && answers[1]);
  EXPECT_FALSE(answers[0]->duplicate);
  EXPECT_FALSE(answers[1]->duplicate);
}

TEST_F(CommitterTest, AFailedSyncMovesWhatItLeftInDoubt) {
  std::vector<Batch> batches;
  batches.push_back(batch(5));
  commit(std::move(batches));
  // The next call of sync fails; its place among the calls is found by trying.
  bool moved = false;
  for (std::uint64_t call = 0; call < 20 && !moved; ++call) {
    layer_.fail_at(layer_.operations() + call, towl::ErrorCode::io);
    batches.clear();
    batches.push_back(batch(2));
    const auto answers = commit(std::move(batches));
    if (answers[0]) moved = answers[0]->ranges[0].file_id == 2;
    stream_ = std::make_shared<BatchStream>();
  }
  EXPECT_TRUE(moved) << "no failing call made a batch move to a new file";
  EXPECT_EQ(stored(), counters_.stored);
}

// No matter which call fails, a producer that got an address finds the entries there, even if it asked for no sync.
TEST_F(CommitterTest, AnAddressThatWasGivenOutStays) {
  for (std::uint64_t call = 0; call < 40; ++call) {
    SCOPED_TRACE(call);
    std::vector<std::pair<StoredRange, std::uint64_t>> told;  // and the number of the first entry
    layer_.fail_at(layer_.operations() + call, towl::ErrorCode::io, 1 + call % 2);
    const Durability levels[] = {Durability::written, Durability::written, Durability::synced, Durability::interval,
                                 Durability::synced};
    for (const Durability level : levels) {
      const std::uint64_t first = next_;
      const auto answer = commit_one(batch(7, "", 0, level));
      stream_ = std::make_shared<BatchStream>();
      if (!answer) continue;
      EXPECT_EQ(answer->ranges.empty(), level != Durability::synced);
      std::uint64_t number = first;
      for (const StoredRange& range : answer->ranges) {
        told.emplace_back(range, number);
        number += range.count;
      }
    }
    layer_.fail_at(0, towl::ErrorCode::io, 0);
    for (const auto& [range, number] : told) {
      auto reader = committer_->writer().reader().open_file(range.file_id);
      ASSERT_TRUE(reader);
      ASSERT_TRUE(reader->seek(range.first));
      for (std::uint64_t i = 0; i < range.count; ++i) {
        const auto entry = reader->next();
        ASSERT_TRUE(entry && *entry) << "file " << range.file_id << ", ordinal " << range.first + i;
        ASSERT_EQ(towl::Entry(**entry), towl::test::numbered_entry(number + i));
      }
    }
  }
}

// A batch may close the file that the batches before it in its group are in, and that may fail for good.
TEST(FailingGroup, AcknowledgesOnlyWhatIsThereAfterAPowerCut) {
  bool refused = true;
  for (std::uint64_t call = 0; refused; ++call) {
    SCOPED_TRACE(call);
    ASSERT_LT(call, 100u);
    towl::MemoryFileLayer layer;
    IngestCounters counters;
    auto writer = towl::StoreWriter::open("/store", {.partition = {.max_entries = 100}, .layer = &layer});
    ASSERT_TRUE(writer);
    Committer committer(std::move(*writer), towl::FileFormat::v2, counters, make_logger({.level = LogLevel::error}));
    std::vector<Batch> batches(3);
    std::vector<std::vector<towl::Entry>> entries;
    for (const std::uint64_t first : {0, 99, 100}) {
      entries.push_back(towl::test::numbered_entries(first, first == 0 ? 99 : 1));
    }
    for (std::size_t i = 0; i < batches.size(); ++i) batches[i].entries = towl::test::views(entries[i]);
    layer.fail_at(layer.operations() + call, towl::ErrorCode::io, 2);
    const auto answers = committer.commit(batches, false);
    refused = !answers[0] || !answers[1] || !answers[2];
    layer.cut_power(towl::PowerCut::keep_synced);
    const auto stored = towl::test::read_all(*towl::Store::open("/store", &layer));
    for (std::size_t i = 0; i < batches.size(); ++i) {
      if (!answers[i]) continue;
      for (const towl::Entry& entry : entries[i]) ASSERT_EQ(std::count(stored.begin(), stored.end(), entry), 1) << i;
    }
  }
}

TEST(FollowMoves, APartOfARangeMayMove) {
  const std::vector<towl::Move> moves = {{{1, 10, 5}, {2, 0, 5}}};
  EXPECT_EQ(follow_moves({{1, 0, 10}}, moves), (Ranges{{1, 0, 10}}));
  EXPECT_EQ(follow_moves({{1, 8, 4}}, moves), (Ranges{{1, 8, 2}, {2, 0, 2}}));
  EXPECT_EQ(follow_moves({{1, 12, 3}}, moves), (Ranges{{2, 2, 3}}));
  EXPECT_EQ(follow_moves({{1, 9, 7}}, moves), (Ranges{{1, 9, 1}, {2, 0, 5}, {1, 15, 1}}));
  EXPECT_EQ(follow_moves({{3, 10, 5}}, moves), (Ranges{{3, 10, 5}}));
}

}  // namespace
}  // namespace towld
