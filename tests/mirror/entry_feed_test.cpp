// What readers are given: chunks of whole stored entries from any COUNT, over partitions, and refusals.
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "crc32c.hpp"
#include "mirror/feed_fixture.hpp"
#include "v1/entry_cursor.hpp"

namespace towl::test {
namespace {

class Read : public FeedFixture {
 protected:
  Read() : FeedFixture(FileFormat::v1) {}
};

TEST_F(Read, AnyCountGetsExactlyTheRest) {
  append(300);
  const std::string all = stored_bytes(1);
  for (std::uint64_t count : {0U, 1U, 2U, 150U, 299U, 300U}) {
    const Sent sent = pull({.file_id = 1, .count = count});
    EXPECT_FALSE(sent.refusal);
    EXPECT_EQ(sent.count, 300 - count);
    EXPECT_EQ(sent.bytes, all.substr(all.size() - sent.bytes.size()));
    EXPECT_EQ(detail::walk_entries(all.substr(0, all.size() - sent.bytes.size()), 1000)->count, count);
    EXPECT_EQ(sent.reached, std::vector<std::uint64_t>{300});
  }
}

TEST_F(Read, ChunksOfAnySizeAreWholeEntries) {
  append(200);
  for (const std::size_t size : {1U, 60U, 100U, 1000U, 1U << 20}) {
    EXPECT_EQ(pull({.file_id = 1}, size).bytes, stored_bytes(1)) << size;
  }
}

// Memory that is given to be used again holds an earlier chunk: at the end of the file nothing of that is sent.
TEST_F(Read, SpareMemoryIsNeverSent) {
  append(50);
  StoreFeed feed({.file_id = 1}, *catalog_);
  std::string bytes;
  for (;;) {
    const auto step = feed.next(1000, std::string(5000, 'x'));
    ASSERT_TRUE(step) << step.error().message;
    if (std::holds_alternative<FeedEnds>(*step)) break;
    if (const auto* chunk = std::get_if<Chunk>(&*step)) {
      EXPECT_GT(chunk->count, 0u);
      bytes += chunk->bytes;
    }
  }
  EXPECT_TRUE(bytes == stored_bytes(1));
}

TEST_F(Read, AnEntryLargerThanAChunkIsSentWhole) {
  const Entry large("host", 1, LogFormat::text, std::string(1 << 19, 'x'));
  ASSERT_TRUE(writer_->append(std::vector<EntryView>{large}));
  append(3);
  const Sent sent = pull({.file_id = 1}, 64 << 10);
  EXPECT_EQ(sent.count, 4u);
  EXPECT_EQ(sent.bytes, stored_bytes(1));
}

TEST_F(Read, OnlyWhatIsDurableIsSent) {
  append(10);
  const auto entries = numbered_entries(0, 5);
  ASSERT_TRUE(writer_->append(views(entries)));
  EXPECT_EQ(pull({.file_id = 1}).count, 10u);
  EXPECT_EQ(pull({.file_id = 1, .count = 12}).refusal->code, ErrorCode::past_end);
}

TEST_F(Read, FollowGoesOnOverPartitions) {
  append(990);
  StoreFeed feed({.file_id = 1, .count = 980, .follow = true}, *catalog_);
  Sent sent = drain(feed);
  EXPECT_EQ(sent.count, 10u);
  append(5);
  EXPECT_EQ(drain(feed).count, 5u);
  append(1500);
  sent = drain(feed);
  EXPECT_EQ(sent.count, 1500u);
  EXPECT_EQ(sent.begun, (std::vector<FileId>{2, 3}));
  EXPECT_EQ(sent.reached, (std::vector<std::uint64_t>{1000, 1000, 495}));
}

TEST_F(Read, WithoutFollowItEndsAtWhatWasThereAtTheBeginning) {
  append(100);
  StoreFeed feed({.file_id = 1}, *catalog_);
  ASSERT_TRUE(feed.next(4096));
  append(100);
  EXPECT_EQ(drain(feed).count, 100u);
}

TEST_F(Read, EachRefusalHasItsReason) {
  append(2500);
  EXPECT_EQ(pull({.file_id = 0}).refusal->code, ErrorCode::not_found);
  EXPECT_EQ(pull({.file_id = 4}).refusal->code, ErrorCode::not_found);
  EXPECT_EQ(pull({.file_id = 1, .count = 1001}).refusal->code, ErrorCode::past_end);
  EXPECT_FALSE(pull({.file_id = 1, .count = 1000}).refusal);
  ASSERT_EQ(writer_->retain({.max_bytes = 0})->size(), 2u);
  publish();
  EXPECT_EQ(pull({.file_id = 1}).refusal->code, ErrorCode::removed);
  EXPECT_FALSE(pull({.file_id = 3}).refusal);
}

TEST_F(Read, AFileWhosePagesAreDamagedIsNotTakenForRetired) {
  append(1500);
  std::fstream(writer_->reader().path_of(1), std::ios::binary | std::ios::in | std::ios::out) << "damaged!!";
  publish();
  EXPECT_EQ(pull({.file_id = 1}).refusal->code, ErrorCode::corrupt);
  EXPECT_EQ(pull({.file_id = 2}).count, 500u);
}

TEST_F(Read, AFileRemovedWhileItIsSentIsSentToItsEnd) {
  append(1500);
  StoreFeed feed({.file_id = 1, .follow = true}, *catalog_);
  ASSERT_TRUE(feed.next(4096));
  ASSERT_TRUE(feed.next(4096));
  ASSERT_EQ(writer_->retain({.max_bytes = 0})->size(), 1u);
  publish();
  const Sent sent = drain(feed);
  EXPECT_FALSE(sent.refusal);
  EXPECT_EQ(sent.begun, std::vector<FileId>{2});
}

TEST_F(Read, AProofIsCheckedAtItsCount) {
  append(900);
  const std::string all = stored_bytes(1);
  const auto at = detail::walk_entries(all, 700)->bytes;
  const MirrorProof proof{.size = 2048 + at,
                          .opened = writer_->open_file()->index.opened,
                          .tail_crc32c = detail::crc32c(std::string_view(all).substr(
                              at - std::min<std::size_t>(at, kProofBytes), std::min<std::size_t>(at, kProofBytes)))};
  EXPECT_EQ(pull({.file_id = 1, .count = 700, .proof = proof}).count, 200u);
  const auto reason = [&](std::uint64_t count, const MirrorProof& other) {
    const auto refusal = pull({.file_id = 1, .count = count, .proof = other}).refusal;
    return refusal ? refusal->code : ErrorCode::io;
  };
  EXPECT_EQ(reason(699, proof), ErrorCode::diverged);
  EXPECT_EQ(reason(701, proof), ErrorCode::diverged);
  EXPECT_EQ(reason(700, {proof.size + 1, proof.opened, proof.tail_crc32c}), ErrorCode::diverged);
  EXPECT_EQ(reason(700, {proof.size, proof.opened + 1, proof.tail_crc32c}), ErrorCode::diverged);
  EXPECT_EQ(reason(700, {proof.size, proof.opened, proof.tail_crc32c ^ 1}), ErrorCode::diverged);
  EXPECT_EQ(pull({.file_id = 1, .count = 0, .proof = MirrorProof{2048, proof.opened, 0}}).count, 900u);
}

TEST_F(Read, ADamagedEntryIsNeverSentAndIsNamed) {
  append(1500);
  const auto path = writer_->reader().path_of(1);
  const std::string all = stored_bytes(1);
  const auto at = detail::walk_entries(all, 400)->bytes;
  {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(2048 + at));
    file.write("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
  }
  const Sent sent = pull({.file_id = 1});
  EXPECT_EQ(sent.count, 400u);
  EXPECT_EQ(sent.bytes, all.substr(0, at));
  ASSERT_TRUE(sent.refusal);
  EXPECT_EQ(sent.refusal->code, ErrorCode::corrupt);
  EXPECT_NE(sent.refusal->to_string().find("offset " + std::to_string(2048 + at)), std::string::npos);
  EXPECT_NE(sent.refusal->to_string().find("ordinal 400"), std::string::npos);
}

TEST_F(Read, AFileShorterThanItsIndexSaysIsDamaged) {
  append(1500);
  std::filesystem::resize_file(writer_->reader().path_of(1), 2048 + stored_bytes(1).size() - 3);
  publish();
  const Sent sent = pull({.file_id = 1});
  EXPECT_EQ(sent.count, 999u);
  ASSERT_TRUE(sent.refusal);
  EXPECT_EQ(sent.refusal->code, ErrorCode::corrupt);
}

TEST_F(Read, EveryOrdinalIsFoundInAnyOrder) {
  auto writer = StoreWriter::open(folder_ / "large", {.file_format = FileFormat::v1});
  ASSERT_TRUE(writer->append(views(numbered_entries(0, 20'000))));
  ASSERT_TRUE(writer->close(true));
  const auto path = folder_ / "large/1.towl";
  std::ifstream stream(path, std::ios::binary);
  const std::string all(std::istreambuf_iterator<char>(stream), {});
  std::vector<std::uint64_t> offsets = {2048};
  while (offsets.size() <= 20'000) {
    offsets.push_back(offsets.back() + detail::walk_entries(std::string_view(all).substr(offsets.back()), 1)->bytes);
  }
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  auto reader = FileReader::open(path);
  ASSERT_TRUE(reader);
  const ServedFile served{reader->header(), reader->index(), all.size(), false};
  for (int i = 0; i < 300; ++i) {
    const std::uint64_t ordinal = std::uniform_int_distribution<std::uint64_t>(0, 19'999)(random);
    auto feed = FileFeed::open(path, served, ordinal);
    ASSERT_TRUE(feed) << feed.error().to_string();
    const auto chunk = (*feed)->next(served, 1);
    ASSERT_TRUE(chunk) << chunk.error().to_string();
    EXPECT_EQ(chunk->at.ordinal, ordinal);
    EXPECT_EQ(chunk->at.offset, offsets[ordinal]);
  }
  EXPECT_FALSE(FileFeed::open(path, served, 20'001));
}

}  // namespace
}  // namespace towl::test
