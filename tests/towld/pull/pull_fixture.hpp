// A store with a writer that publishes by hand, and what a pull of it answers.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "pages_io.hpp"
#include "pull/pull_sequence.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"

namespace towld {

class ReadFixture : public testing::Test {
 protected:
  explicit ReadFixture(towl::FileFormat format) {
    auto writer = towl::StoreWriter::open(folder_.path(), {.file_format = format, .partition = {.max_entries = 1000}});
    EXPECT_TRUE(writer);
    writer_.emplace(std::move(*writer));
    catalog_.emplace(writer_->reader(), state_);
  }

  void append(std::uint64_t count) {
    const auto entries = towl::test::numbered_entries(next_, count);
    next_ += count;
    EXPECT_TRUE(writer_->append(towl::test::views(entries)));
    EXPECT_TRUE(writer_->sync());
    publish();
  }

  void publish() {
    StoreState state;
    state.generation = ++generation_;
    state.next_file_id = writer_->next_file_id();
    if (const auto open = writer_->open_file()) state.open = DurableFile{open->header, open->index, open->durable};
    state_.publish(state);
  }

  struct Sent {
    std::string bytes;
    std::uint64_t count = 0;
    std::vector<towl::FileId> begun;
    std::vector<std::uint64_t> reached;
    std::optional<PullRefusal> refusal;
  };

  /// Steps until there is nothing more now.
  Sent drain(PullSequence& sequence, std::size_t max_bytes = 4096) {
    Sent sent;
    for (;;) {
      auto step = sequence.next(max_bytes);
      if (!step) {
        sent.refusal = step.error();
        return sent;
      }
      if (const auto* begins = std::get_if<FileBegins>(&*step)) sent.begun.push_back(begins->file.file_id());
      if (const auto* reached = std::get_if<FileReached>(&*step)) sent.reached.push_back(reached->file.index.count);
      if (const auto* chunk = std::get_if<StoredChunk>(&*step)) {
        sent.bytes += chunk->bytes;
        sent.count += chunk->count;
      }
      if (std::holds_alternative<PullWaits>(*step) || std::holds_alternative<PullEnds>(*step)) return sent;
    }
  }

  Sent pull(const PullStart& start, std::size_t max_bytes = 4096) {
    PullSequence sequence(start, *catalog_, points_);
    return drain(sequence, max_bytes);
  }

  /// The file behind the bytes that stand before its first entry.
  std::string stored_bytes(towl::FileId id) const {
    const auto path = writer_->reader().path_of(id);
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {})
        .substr(towl::detail::data_offset(towl::FileReader::open(path)->header()));
  }

  towl::test::TempFolder folder_;
  std::optional<towl::StoreWriter> writer_;
  StoreStatePublisher state_;
  std::optional<Catalog> catalog_;
  EntryPoints points_;
  std::uint64_t next_ = 0;
  std::uint64_t generation_ = 0;
};

}  // namespace towld
