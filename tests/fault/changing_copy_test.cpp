// The copy that lost entries are taken from changes while it is read: after each read of it in turn it is another file.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fault/small_files.hpp"
#include "support/passing_layer.hpp"
#include "v2/pages.hpp"

namespace towl::test {
namespace {

namespace v2 = detail::v2;

constexpr const char* kCopy = "/copy/1.towl";

// A disk in memory whose file kCopy has the bytes `later` after so many reads of it.
class ChangingLayer final : public PassingLayer {
 public:
  class CountedFile final : public PassingFile {
   public:
    CountedFile(std::unique_ptr<File> file, ChangingLayer& layer) : PassingFile(std::move(file)), layer_(layer) {}
    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) override {
      if (layer_.reads++ == layer_.change_at) layer_.disk.set_contents(kCopy, layer_.later);
      return PassingFile::read_at(offset, buffer);
    }

   private:
    ChangingLayer& layer_;
  };

  ChangingLayer() : PassingLayer(disk) {}

  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) override {
    auto file = disk.open(path, mode);
    if (!file || path != kCopy) return file;
    return std::make_unique<CountedFile>(std::move(*file), *this);
  }

  MemoryFileLayer disk;
  std::string later;
  std::uint64_t change_at = 0;
  std::uint64_t reads = 0;
};

// Frames of 60 KB: more than is read at once, so that an entry that is needed again is read again.
std::vector<Entry> large_entries(char letter) {
  auto entries = numbered_entries(0, 24);
  for (Entry& entry : entries) entry.log_entry += std::string(30'000, letter);
  return entries;
}

std::string file_of(const std::vector<Entry>& entries) {
  MemoryFileLayer disk;
  auto writer = FileWriter::create(kCopy, {.file_id = 1, .opened = 5, .uuid = small_uuid(1)}, {.layer = &disk});
  EXPECT_TRUE(writer && writer->append(views(entries)) && writer->close(9));
  return disk.contents(kCopy);
}

TEST(ChangingCopy, GivesARepairNoOtherEntries) {
  const auto truth = large_entries('a');
  const std::string bytes = file_of(truth);
  const auto frames = frames_of(bytes, v2::file_tag(small_uuid(1)));
  const StoredFrame& first = frames.at(1);
  const StoredFrame& last = frames.at(frames.size() - 3);
  std::string damaged = bytes;
  std::fill(damaged.begin() + static_cast<std::ptrdiff_t>(first.begin),
            damaged.begin() + static_cast<std::ptrdiff_t>(last.end), '\0');
  ChangingLayer layer;
  layer.later = file_of(large_entries('b'));
  bool refused = false;
  for (;; ++layer.change_at) {
    SCOPED_TRACE(layer.change_at);
    layer.reads = 0;
    layer.disk.set_contents(kDamagedPath, damaged);
    layer.disk.set_contents(kCopy, bytes);
    const auto repaired = repair(kDamagedPath, {.layer = &layer, .from = kCopy});
    refused |= !repaired;
    (void)read_damaged(layer.disk, truth);
    EXPECT_TRUE(repaired || layer.disk.contents(kDamagedPath) == damaged);
    if (HasFailure() || layer.reads <= layer.change_at) break;
  }
  EXPECT_TRUE(refused) << "it is never read again";
  EXPECT_EQ(read_damaged(layer.disk, truth).ordinals.size(), truth.size()) << "not even if it does not change";
}

}  // namespace
}  // namespace towl::test
