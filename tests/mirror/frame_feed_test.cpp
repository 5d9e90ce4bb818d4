// Pulls of files of format 2: stored frames from any COUNT, of open, closed and sealed files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mirror/feed_fixture.hpp"
#include "towl/recover.hpp"
#include "towl/seal.hpp"
#include "v2/digest.hpp"
#include "v2/frame_decoder.hpp"
#include "v2/pages.hpp"

namespace towl::test {
namespace {

namespace v2 = detail::v2;

class FramePulls : public FeedFixture {
 protected:
  FramePulls() : FeedFixture(FileFormat::v2) {}

  struct Frames {
    std::vector<Entry> entries;
    std::size_t trailing = 0;  // filters, directory, footer
    std::uint32_t last_checksum = 0;
  };

  /// What was sent, decoded; every checksum and ordinal is checked.
  Frames decode(const std::string& bytes, std::uint64_t first) {
    const auto header = FileReader::open(writer_->reader().path_of(1))->header();
    const std::uint32_t tag = v2::file_tag(header.uuid);
    Frames frames;
    v2::FrameDecoder decoder;
    v2::FrameHeader frame;
    EntryView entry;
    for (std::string_view left = bytes; !left.empty(); left.remove_prefix(frame.bytes())) {
      EXPECT_EQ(v2::read_frame_header(left, tag, frame), v2::FrameFound::frame);
      EXPECT_EQ(v2::check_payload(left, frame), v2::FrameFound::frame);
      if (testing::Test::HasFailure()) break;
      frames.last_checksum = frame.header_checksum;
      if (frame.kind != v2::FrameKind::data) {
        ++frames.trailing;
        continue;
      }
      EXPECT_EQ(frame.first, first + frames.entries.size());
      EXPECT_TRUE(decoder.begin(frame, v2::payload_of(left, frame)));
      while (*decoder.next(entry)) frames.entries.emplace_back(entry);
    }
    return frames;
  }

  static std::uint64_t digest_of(std::uint64_t count) {
    std::uint64_t digest = 0;
    for (const auto& entry : numbered_entries(0, count)) digest = v2::extend_digest(digest, entry.view());
    return digest;
  }

  MirrorProof proof_at(std::uint64_t count) {
    MirrorProof proof;
    proof.opened = FileReader::open(writer_->reader().path_of(1))->index().opened;
    proof.digest = digest_of(count);
    return proof;
  }

  void expect_rest_from_every_count(std::uint64_t total) {
    for (std::uint64_t count = 0; count <= total; count += 1 + count / 40) {
      SCOPED_TRACE(count);
      const Sent sent = pull({.file_id = 1, .count = count, .proof = proof_at(count)});
      ASSERT_FALSE(sent.refusal) << sent.refusal->message;
      EXPECT_EQ(sent.count, total - count);
      EXPECT_EQ(decode(sent.bytes, count).entries, numbered_entries(count, total - count));
    }
  }
};

TEST_F(FramePulls, AnyCountOfAnOpenFileGetsExactlyTheRest) {
  for (int i = 0; i < 9; ++i) append(50);
  expect_rest_from_every_count(450);
  EXPECT_TRUE(pull({.file_id = 1}).bytes == stored_bytes(1)) << "stored frames travel as they are";
}

TEST_F(FramePulls, AnyCountOfASealedFileGetsExactlyTheRest) {
  for (int i = 0; i < 10; ++i) append(100);
  ASSERT_TRUE(seal(writer_->reader().path_of(1)));
  publish();
  expect_rest_from_every_count(1000);
}

// What comes after the entries is only for copies that have the entries byte for byte.
TEST_F(FramePulls, TheTrailerGoesToCopiesThatItFits) {
  append(1000);
  ASSERT_TRUE(seal(writer_->reader().path_of(1)));
  publish();
  const Sent fresh = pull({.file_id = 1});
  EXPECT_TRUE(fresh.bytes == stored_bytes(1));
  EXPECT_EQ(decode(fresh.bytes, 0).trailing, 3u);
  // All of the entries in other frames: there is nothing more to send.
  EXPECT_TRUE(pull({.file_id = 1, .count = 1000, .proof = proof_at(1000)}).bytes.empty());
  // All of them, in the same frames: only the trailer.
  const auto slot = FileReader::open(writer_->reader().path_of(1));
  MirrorProof proof = proof_at(1000);
  v2::FrameHeader frame;
  const std::uint32_t tag = v2::file_tag(slot->header().uuid);
  ASSERT_EQ(v2::read_frame_header(fresh.bytes, tag, frame), v2::FrameFound::frame);
  ASSERT_EQ(frame.count, 1000u);
  proof.size = v2::kDataOffset + frame.bytes();
  proof.chain = frame.header_checksum;
  const Sent rest = pull({.file_id = 1, .count = 1000, .proof = proof});
  EXPECT_EQ(rest.count, 0u);
  EXPECT_TRUE(rest.bytes == fresh.bytes.substr(frame.bytes()));
}

TEST_F(FramePulls, AnotherDigestIsDiverged) {
  append(100);
  for (const std::uint64_t count : {1U, 50U, 99U, 100U}) {
    MirrorProof proof = proof_at(count);
    proof.digest ^= 1;
    const Sent sent = pull({.file_id = 1, .count = count, .proof = proof});
    ASSERT_TRUE(sent.refusal);
    EXPECT_EQ(sent.refusal->code, ErrorCode::diverged);
    EXPECT_TRUE(sent.bytes.empty());
  }
}

TEST_F(FramePulls, OnlyWhatIsDurableIsSent) {
  append(10);
  ASSERT_TRUE(writer_->append(views(numbered_entries(10, 5))));
  EXPECT_EQ(pull({.file_id = 1}).count, 10u);
}

// Where frames begin in the bytes of a pull.
std::vector<std::size_t> frame_offsets(std::string_view bytes, std::uint32_t tag) {
  std::vector<std::size_t> offsets;
  v2::FrameHeader frame;
  for (std::size_t at = 0; at < bytes.size(); at += frame.bytes()) {
    EXPECT_EQ(v2::read_frame_header(bytes.substr(at), tag, frame), v2::FrameFound::frame);
    offsets.push_back(at);
  }
  return offsets;
}

// A damaged frame is never sent. A gap stands for its entries, with the digest after them, and the rest follows.
TEST_F(FramePulls, ADamagedFrameTravelsAsAGap) {
  for (int i = 0; i < 4; ++i) append(10);
  const auto path = writer_->reader().path_of(1);
  const std::string bytes = stored_bytes(1);
  const std::uint32_t tag = v2::file_tag(FileReader::open(path)->header().uuid);
  const auto offsets = frame_offsets(bytes, tag);
  ASSERT_EQ(offsets.size(), 4u);
  for (const std::size_t damaged : {1u, 3u}) {
    for (const std::size_t within : {std::size_t{20}, v2::kFrameHeaderBytes + 5}) {  // header, payload
      SCOPED_TRACE(testing::Message() << "byte " << within << " of frame " << damaged);
      const std::uint64_t place = v2::kDataOffset + offsets[damaged] + within;
      std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
      file.seekp(static_cast<std::streamoff>(place));
      file.put(static_cast<char>(~bytes[offsets[damaged] + within])).flush();
      const Sent sent = pull({.file_id = 1});
      EXPECT_FALSE(sent.refusal);
      EXPECT_EQ(sent.count, 40u);
      const auto got = frame_offsets(sent.bytes, tag);
      ASSERT_EQ(got.size(), 4u);
      v2::FrameHeader gap;
      ASSERT_EQ(v2::read_frame_header(std::string_view(sent.bytes).substr(got[damaged]), tag, gap),
                v2::FrameFound::frame);
      EXPECT_EQ(gap.kind, v2::FrameKind::gap);
      EXPECT_EQ(gap.first, damaged * 10);
      EXPECT_EQ(gap.count, 10u);
      EXPECT_EQ(gap.digest, digest_of(damaged * 10 + 10));
      EXPECT_THAT(sent.damage, testing::HasSubstr("offset " + std::to_string(v2::kDataOffset + offsets[damaged])));
      EXPECT_THAT(sent.damage, testing::HasSubstr("entries " + std::to_string(damaged * 10) + " to " +
                                                  std::to_string(damaged * 10 + 9) + " are lost"));
      // From within the gap, and after it, with the proof that is known there.
      EXPECT_EQ(pull({.file_id = 1, .count = damaged * 10 + 3, .proof = proof_at(damaged * 10 + 3)}).count,
                40 - damaged * 10 - 3);
      EXPECT_EQ(pull({.file_id = 1, .count = damaged * 10 + 10, .proof = proof_at(damaged * 10 + 10)}).count,
                40 - damaged * 10 - 10);
      file.seekp(static_cast<std::streamoff>(place));
      file.put(bytes[offsets[damaged] + within]).flush();
    }
  }
  EXPECT_TRUE(pull({.file_id = 1}).bytes == bytes);
}

// What was durable and is not there any more is lost, no matter why.
TEST_F(FramePulls, AFileThatWasCutOffEndsWithAGap) {
  for (int i = 0; i < 4; ++i) append(10);
  const auto path = writer_->reader().path_of(1);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 30);
  const Sent sent = pull({.file_id = 1});
  EXPECT_FALSE(sent.refusal);
  EXPECT_EQ(sent.count, 40u);
  EXPECT_EQ(decode(sent.bytes, 0).entries, numbered_entries(0, 30));
  EXPECT_THAT(sent.damage, testing::HasSubstr("entries 30 to 39 are lost"));
}

// Nobody but the store needs to know where its entries came from.
TEST_F(FramePulls, PositionsAreLeftOut) {
  const auto entries = numbered_entries(0, 10);
  ASSERT_TRUE(writer_->append(views(entries), std::vector<SourcePosition>{{"file/secret.log", "4711"}}));
  ASSERT_TRUE(writer_->sync());
  publish();
  for (const std::uint64_t count : {0U, 4U}) {
    const Sent sent = pull({.file_id = 1, .count = count});
    EXPECT_EQ(decode(sent.bytes, count).entries, numbered_entries(count, 10 - count));
    EXPECT_EQ(sent.bytes.find("secret"), std::string::npos);
  }
}

// A file that is sealed while it is sent is sent to its end as it was.
TEST_F(FramePulls, SealingMeanwhileChangesNothingForAPullThatRuns) {
  for (int i = 0; i < 10; ++i) append(100);
  StoreFeed feed({.file_id = 1}, *catalog_);
  std::string bytes;
  std::uint64_t count = 0;
  bool sealed = false;
  for (;;) {
    auto step = feed.next(4096);
    ASSERT_TRUE(step) << step.error().message;
    if (std::holds_alternative<FeedEnds>(*step)) break;
    const auto* chunk = std::get_if<Chunk>(&*step);
    if (chunk == nullptr) continue;
    bytes += chunk->bytes;
    count += chunk->count;
    if (!sealed) {
      ASSERT_TRUE(seal(writer_->reader().path_of(1)));
      publish();
      sealed = true;
    }
  }
  EXPECT_EQ(count, 1000u);
  EXPECT_EQ(decode(bytes, 0).entries, numbered_entries(0, 1000));
}

// A mirror that has more of a file than is left of it asks for what follows from within a gap.
TEST_F(FramePulls, FromWithinAGapComeTheRestOfItAndWhatFollows) {
  for (int i = 0; i < 4; ++i) append(10);
  const auto path = writer_->reader().path_of(1);
  const std::string bytes = stored_bytes(1);
  const std::uint32_t tag = v2::file_tag(FileReader::open(path)->header().uuid);
  const auto offsets = frame_offsets(bytes, tag);
  ASSERT_TRUE(writer_->roll());
  {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(v2::kDataOffset + offsets[1] + v2::kFrameHeaderBytes + 5));
    file.put('~');
  }
  for (const bool sealed : {false, true}) {
    SCOPED_TRACE(sealed ? "sealed" : "closed");
    ASSERT_TRUE(sealed ? seal(path).has_value() : repair(path).has_value());
    publish();
    for (std::uint64_t count = 9; count <= 21; ++count) {
      SCOPED_TRACE(count);
      const Sent sent = pull({.file_id = 1, .count = count, .proof = proof_at(count)});
      ASSERT_FALSE(sent.refusal) << sent.refusal->to_string();
      ASSERT_EQ(sent.count, 40 - count);
      v2::FrameHeader first;
      ASSERT_EQ(v2::read_frame_header(sent.bytes, tag, first), v2::FrameFound::frame);
      ASSERT_EQ(first.first, count);
      if (count >= 20 || count == 9) continue;
      ASSERT_EQ(first.kind, v2::FrameKind::gap);
      ASSERT_EQ(first.count, 20 - count);
      ASSERT_EQ(first.digest, digest_of(20));
    }
  }
}

}  // namespace
}  // namespace towl::test
