// A store with a writer that publishes by hand, and what a pull of it answers.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "pages_io.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towl/mirror/store_feed.hpp"

namespace towl::test {

class FeedFixture : public testing::Test {
 protected:
  explicit FeedFixture(FileFormat format) {
    auto writer = StoreWriter::open(folder_.path(), {.file_format = format, .partition = {.max_entries = 1000}});
    EXPECT_TRUE(writer);
    writer_.emplace(std::move(*writer));
    catalog_.emplace(writer_->reader(), state_);
  }

  void append(std::uint64_t count) {
    const auto entries = numbered_entries(next_, count);
    next_ += count;
    EXPECT_TRUE(writer_->append(views(entries)));
    EXPECT_TRUE(writer_->sync());
    publish();
  }

  void publish() { state_.publish(*writer_, true); }

  struct Sent {
    std::string bytes;
    std::uint64_t count = 0;
    std::vector<FileId> begun;
    std::vector<std::uint64_t> reached;
    std::optional<Error> refusal;
  };

  /// Steps until there is nothing more now.
  Sent drain(StoreFeed& feed, std::size_t max_bytes = 4096) {
    Sent sent;
    for (;;) {
      auto step = feed.next(max_bytes);
      if (!step) {
        sent.refusal = step.error();
        return sent;
      }
      if (const auto* begins = std::get_if<FileBegins>(&*step)) sent.begun.push_back(begins->file.file_id());
      if (const auto* reached = std::get_if<FileReached>(&*step)) sent.reached.push_back(reached->file.index.count);
      if (const auto* chunk = std::get_if<Chunk>(&*step)) {
        sent.bytes += chunk->bytes;
        sent.count += chunk->count;
      }
      if (std::holds_alternative<FeedWaits>(*step) || std::holds_alternative<FeedEnds>(*step)) return sent;
    }
  }

  Sent pull(const FeedStart& start, std::size_t max_bytes = 4096) {
    StoreFeed feed(start, *catalog_);
    return drain(feed, max_bytes);
  }

  /// The file behind the bytes that stand before its first entry.
  std::string stored_bytes(FileId id) const {
    const auto path = writer_->reader().path_of(id);
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {})
        .substr(detail::data_offset(FileReader::open(path)->header()));
  }

  TempFolder folder_;
  std::optional<StoreWriter> writer_;
  StoreStatePublisher state_;
  std::optional<Catalog> catalog_;
  std::uint64_t next_ = 0;
};

}  // namespace towl::test
