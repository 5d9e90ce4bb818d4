// A mirror has the signed heads that the collector's file has, no matter how it got its entries.
#include "towl/signed_heads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/description.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "support/test_signer.hpp"
#include "towl/mirror/catalog.hpp"
#include "towl/mirror/entry_receiver.hpp"
#include "towl/mirror/store_feed.hpp"
#include "towl/mirror/store_mirror.hpp"
#include "towl/recover.hpp"
#include "towl/seal.hpp"
#include "v2/digest.hpp"

namespace towl::test {
namespace {

class SignedMirrors : public testing::Test {
 protected:
  SignedMirrors() : signer_(test_signer()) {
    auto writer = StoreWriter::open(folder_.path() / "store",
                                    {.closing_head = [this](const std::filesystem::path& path, std::uint64_t count) {
                                      return signer_.sign(path, count).value_or("");
                                    }});
    EXPECT_TRUE(writer);
    writer_.emplace(std::move(*writer));
    catalog_.emplace(writer_->reader(), state_);
    mirror_.emplace(*StoreMirror::open(folder_.path() / "mirror"));
  }

  void append(std::uint64_t count, bool sign = false) {
    ASSERT_TRUE(writer_->append(views(numbered_entries(next_, count))));
    next_ += count;
    ASSERT_TRUE(writer_->sync());
    if (sign) {
      const auto head = signer_.sign(writer_->reader().path_of(1), next_);
      ASSERT_TRUE(head && !head->empty());
      ASSERT_TRUE(writer_->append_head(1, *head));
      ASSERT_TRUE(writer_->sync());
    }
    state_.publish(*writer_, true);
  }
  void close() {
    ASSERT_TRUE(writer_->roll());
    state_.publish(*writer_, true);
  }
  void seal_it() {
    ASSERT_TRUE(seal(writer_->reader().path_of(1)));
    state_.publish(*writer_, true);
  }

  // One round of pulling file 1, by small chunks.
  void pull() {
    const auto file = catalog_->find(1);
    ASSERT_TRUE(file && *file);
    FeedReceiver receiver(*mirror_);
    ASSERT_TRUE(receiver.open(**file));
    const auto start = receiver.start();
    ASSERT_TRUE(start);
    StoreFeed feed(*start, *catalog_);
    for (;;) {
      auto step = feed.next(2000);
      ASSERT_TRUE(step) << step.error().to_string();
      if (std::holds_alternative<FeedEnds>(*step)) break;
      Result<void> taken;
      if (const auto* begins = std::get_if<FileBegins>(&*step)) taken = receiver.take(*begins);
      if (const auto* reached = std::get_if<FileReached>(&*step)) taken = receiver.take(*reached);
      if (const auto* chunk = std::get_if<Chunk>(&*step)) {
        taken = receiver.take(chunk->view());
      }
      ASSERT_TRUE(taken) << taken.error().to_string();
    }
    ASSERT_TRUE(receiver.save());
  }

  std::filesystem::path copy() const { return folder_.path() / "mirror" / "1.towl"; }

  void expect_heads(std::vector<std::uint64_t> counts, std::uint64_t proved) {
    const auto heads = read_heads(copy());
    ASSERT_TRUE(heads) << heads.error().to_string();
    std::vector<std::uint64_t> found;
    for (const SignedHead& head : *heads) found.push_back(head.count);
    EXPECT_EQ(found, counts);
    const auto report = check_heads(copy(), {.public_keys = {std::string(32, 'k')}, .check = check_test_signature});
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->findings.empty()) << report->findings.front().what;
    EXPECT_EQ(report->proved, proved);
    const auto verified = verify(copy());
    ASSERT_TRUE(verified);
    EXPECT_TRUE(verified->whole()) << verified->findings.front().what;
    EXPECT_EQ(read_all(copy()), numbered_entries(0, next_));
  }

  TempFolder folder_;
  HeadSigner signer_;
  std::optional<StoreWriter> writer_;
  StoreStatePublisher state_;
  std::optional<Catalog> catalog_;
  std::optional<StoreMirror> mirror_;
  std::uint64_t next_ = 0;
};

TEST_F(SignedMirrors, HaveTheHeadsOfAFileThatGrows) {
  append(100);
  pull();
  expect_heads({}, 0);
  append(50, true);
  pull();
  expect_heads({150}, 150);
  append(70);
  append(70, true);
  append(10);
  pull();
  expect_heads({150, 290}, 290);
  pull();
  expect_heads({150, 290}, 290);
  close();
  pull();
  expect_heads({150, 290, 300}, 300);
  pull();
  expect_heads({150, 290, 300}, 300);
}

// A head that comes after the last entry is not sent twice, and none is missed.
TEST_F(SignedMirrors, HaveEachHeadOnce) {
  append(100, true);
  pull();
  append(1);
  pull();
  append(99, true);
  close();
  pull();
  expect_heads({100, 200}, 200);
}

TEST_F(SignedMirrors, HaveTheHeadsOfASealedFileWithWhatStandsAfterThem) {
  append(100, true);
  append(200);
  close();
  seal_it();
  pull();
  expect_heads({300}, 300);
  // The same but for positions.
  const std::string file = bytes_of_file(writer_->reader().path_of(1));
  const std::string copied = bytes_of_file(copy());
  ASSERT_EQ(copied.size(), file.size());
  EXPECT_TRUE(copied.substr(file.size() - 1664) == file.substr(file.size() - 1664));
}

// They followed the open file, which was sealed before they saw it closed.
TEST_F(SignedMirrors, ThatFollowedGetTheLastHeadOfTheSealedFile) {
  append(100, true);
  append(200);
  pull();
  expect_heads({100}, 100);
  close();
  seal_it();
  pull();
  expect_heads({100, 300}, 300);
  ASSERT_TRUE(seal(copy()));
  expect_heads({300}, 300);
}

TEST_F(SignedMirrors, GoOnWithinAFrame) {
  append(100);
  pull();
  append(100, true);
  for (const std::uint64_t count : {0u, 50u, 100u, 150u, 199u, 200u}) {
    StoreFeed feed({.file_id = 1, .count = count}, *catalog_);
    EntryReceiver receiver;
    std::uint64_t entries = 0;
    for (;;) {
      auto step = feed.next(500);
      ASSERT_TRUE(step);
      if (std::holds_alternative<FeedEnds>(*step)) break;
      if (const auto* begins = std::get_if<FileBegins>(&*step)) {
        std::uint64_t digest = 0;
        auto reader = FileReader::open(writer_->reader().path_of(1));
        for (std::uint64_t i = 0; i < count; ++i) digest = detail::v2::extend_digest(digest, **reader->next());
        receiver.begin_file(begins->file.header.uuid, count, digest);
      }
      // A receiver that keeps only entries skips heads.
      if (const auto* chunk = std::get_if<Chunk>(&*step)) {
        ASSERT_TRUE(receiver.take(chunk->bytes, [&](const EntryView&) { ++entries; }, {}));
      }
    }
    EXPECT_EQ(entries, 200 - count);
  }
}

}  // namespace
}  // namespace towl::test
