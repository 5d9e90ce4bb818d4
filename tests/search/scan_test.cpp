#include "towl/scan.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "support/stores.hpp"
#include "support/temp_folder.hpp"

namespace towl {
namespace {

using test::numbered_entries;
using test::numbered_entry;
using Paths = std::vector<std::filesystem::path>;

class ScanTest : public testing::Test {
 protected:
  /// A file of entries `first` and on.
  std::filesystem::path write(FileId id, std::uint64_t first, std::uint64_t count, FileFormat format = FileFormat::v2) {
    const auto path = folder_ / (std::to_string(id) + ".towl");
    auto writer = FileWriter::create(path, {.file_id = id, .format = format});
    EXPECT_TRUE(writer);
    for (std::uint64_t i = 0; i < count; ++i) {
      EXPECT_TRUE(writer->append(numbered_entry(first + i)));
      if (i % 3 == 2) {
        EXPECT_TRUE(writer->flush());  // Frames of three entries in format 2.
      }
    }
    EXPECT_TRUE(writer->close());
    return path;
  }

  static void damage(const std::filesystem::path& path, std::uint64_t ordinal) {
    auto reader = FileReader::open(path);
    ASSERT_TRUE(reader->seek(ordinal));
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    ASSERT_TRUE(reader->next());
    ASSERT_TRUE(reader->seek(ordinal));
    file.seekp(static_cast<std::streamoff>(reader->position().offset));
    file.write("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
  }

  struct Walked {
    std::vector<Entry> entries;
    std::vector<std::pair<FileId, Ordinal>> places;
    int errors = 0;
  };

  template <class Next>
  static Walked walk(Next next) {
    Walked walked;
    for (;;) {
      const auto entry = next();
      if (!entry) {
        ++walked.errors;
        EXPECT_LT(walked.errors, 10);
        if (walked.errors == 10) return walked;
        continue;
      }
      if (!*entry) return walked;
      walked.entries.emplace_back((*entry)->entry);
      walked.places.emplace_back((*entry)->file_id, (*entry)->ordinal);
    }
  }
  static Walked forwards(Scan& scan) {
    return walk([&] { return scan.next(); });
  }
  static Walked backwards(const Paths& paths, const ScanOptions& options = {}) {
    ReverseScan scan(paths, options);
    return walk([&] { return scan.previous(); });
  }

  test::TempFolder folder_;
};

TEST_F(ScanTest, WalksFileAfterFile) {
  Scan scan({write(1, 0, 3), write(2, 3, 0), write(5, 3, 2)});
  const Walked walked = forwards(scan);
  EXPECT_EQ(walked.entries, numbered_entries(0, 5));
  EXPECT_EQ(walked.places, (std::vector<std::pair<FileId, Ordinal>>{{1, 0}, {1, 1}, {1, 2}, {5, 0}, {5, 1}}));
}

TEST_F(ScanTest, KeepsToTheTimeRangeAndTheOrdinal) {
  const Paths paths = {write(1, 0, 10), write(2, 10, 10)};
  const ScanOptions options = {.since = numbered_entry(5).received, .until = numbered_entry(12).received};
  Scan scan(paths, options);
  EXPECT_EQ(forwards(scan).entries, numbered_entries(5, 7));
  EXPECT_EQ(backwards(paths, options).entries.size(), 7u);
  Scan later(paths, {.from = 8});
  EXPECT_EQ(forwards(later).entries, numbered_entries(8, 12));
}

TEST_F(ScanTest, TheLastFileMayGrowAndFilesBeAdded) {
  const auto path = folder_ / "1.towl";
  auto writer = FileWriter::create(path, {.file_id = 1});
  Scan scan({path});
  EXPECT_TRUE(forwards(scan).entries.empty());
  ASSERT_TRUE(writer->append(test::views(numbered_entries(0, 4))));
  ASSERT_TRUE(writer->flush());
  EXPECT_EQ(forwards(scan).entries, numbered_entries(0, 4));
  EXPECT_TRUE(forwards(scan).entries.empty());
  scan.add_file(write(2, 4, 2));
  EXPECT_EQ(forwards(scan).entries, numbered_entries(4, 2));
}

TEST_F(ScanTest, ADamagedFileIsAnErrorOnceAndDoesNotHideTheOthers) {
  const Paths paths = {write(1, 0, 10), write(2, 10, 10, FileFormat::v1), folder_ / "missing.towl", write(3, 20, 10)};
  damage(paths[1], 4);
  Scan scan(paths);
  Walked walked = forwards(scan);
  EXPECT_EQ(walked.errors, 2);
  EXPECT_EQ(walked.entries.size(), 24u);
  walked = backwards(paths);
  EXPECT_EQ(walked.errors, 2);
  EXPECT_EQ(walked.entries.size(), 24u);
  EXPECT_EQ(walked.entries.back(), numbered_entry(0));
  EXPECT_EQ(walked.entries[10], numbered_entry(13));
}

// Of a file of format 2 one frame is lost, here of three entries.
TEST_F(ScanTest, GoesOnBehindADamagedFrame) {
  const Paths paths = {write(1, 0, 10), write(2, 10, 10)};
  damage(paths[0], 4);
  Scan scan(paths);
  Walked walked = forwards(scan);
  EXPECT_EQ(walked.errors, 1);
  EXPECT_EQ(walked.entries.size(), 17u);
  EXPECT_EQ(walked.entries[3], numbered_entry(6));
  walked = backwards(paths);
  EXPECT_EQ(walked.errors, 1);
  EXPECT_EQ(walked.entries.size(), 17u);
  EXPECT_EQ(walked.entries[13], numbered_entry(6));
}

TEST_F(ScanTest, BackwardsIsForwardsReversed) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  Paths paths;
  std::uint64_t next = 0;
  for (FileId id = 1; id <= 6; ++id) {
    const auto count = std::uniform_int_distribution<std::uint64_t>(0, 2000)(random);
    paths.push_back(write(id, next, count));
    next += count;
  }
  Scan scan(paths);
  Walked there = forwards(scan);
  Walked back = backwards(paths);
  std::reverse(back.entries.begin(), back.entries.end());
  std::reverse(back.places.begin(), back.places.end());
  EXPECT_EQ(there.entries, back.entries);
  EXPECT_EQ(there.places, back.places);
}

TEST_F(ScanTest, NoFilesAreNoEntries) {
  Scan scan({});
  EXPECT_TRUE(forwards(scan).entries.empty());
  EXPECT_TRUE(backwards({}).entries.empty());
}

}  // namespace
}  // namespace towl
