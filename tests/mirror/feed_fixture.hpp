// A store with a writer that publishes when the test says so, and what a pull of it answers.
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
#include "v2/frame.hpp"
#include "v2/pages.hpp"

namespace towl::test {

class FeedFixture : public testing::Test {
 protected:
  explicit FeedFixture(FileFormat format) {
    auto writer = StoreWriter::open(folder_.path(),
                                    {.file_format = format, .partition = {.max_entries = 1000}, .compress = true});
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
    std::string damage;
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
        if (!chunk->damage.empty()) sent.damage = chunk->damage;
      }
      if (std::holds_alternative<FeedWaits>(*step) || std::holds_alternative<FeedEnds>(*step)) return sent;
    }
  }

  Sent pull(const FeedStart& start, std::size_t max_bytes = 4096) {
    StoreFeed feed(start, *catalog_);
    return drain(feed, max_bytes);
  }

  /// The file after the bytes that come before its first entry, as it is sent: without positions, and without the
  /// frames that repeat the header page.
  std::string stored_bytes(FileId id) const {
    namespace v2 = detail::v2;
    const auto path = writer_->reader().path_of(id);
    const Header header = FileReader::open(path)->header();
    std::ifstream file(path, std::ios::binary);
    std::string bytes = std::string(std::istreambuf_iterator<char>(file), {}).substr(detail::data_offset(header));
    v2::FrameHeader frame;
    for (std::size_t at = 0; detail::is_v2(header) && at < bytes.size();) {
      if (v2::read_frame_header(std::string_view(bytes).substr(at), v2::file_tag(header.uuid), frame) !=
          v2::FrameFound::frame) {
        break;
      }
      if (frame.kind == v2::FrameKind::header) {
        bytes.erase(at, frame.bytes());
      } else {
        v2::leave_out_positions(bytes.data() + at, frame);
        at += frame.bytes();
      }
    }
    return bytes;
  }

  TempFolder folder_;
  std::optional<StoreWriter> writer_;
  StoreStatePublisher state_;
  std::optional<Catalog> catalog_;
  std::uint64_t next_ = 0;
};

}  // namespace towl::test
