// The header page is stored more than once: if any block goes bad, only the frames in it are lost. What a later version
// of the format adds to the page stays.
#include <gtest/gtest.h>

#include <algorithm>

#include "bytes.hpp"
#include "crc32c.hpp"
#include "support/stores.hpp"
#include "towl/file_writer.hpp"
#include "towl/memory_file_layer.hpp"
#include "towl/recover.hpp"
#include "towl/seal.hpp"
#include "v2/layout.hpp"

namespace towl {
namespace {

using test::numbered_entries;
using test::views;

constexpr const char* kCopiesPath = "/d/7.towl";
constexpr std::size_t kBlock = 4096;

class HeaderCopies : public testing::Test {
 protected:
  // `batches` of 20 entries.
  void write(std::uint64_t batches, bool close) {
    auto writer = FileWriter::create(kCopiesPath, {.file_id = 7, .org = "acme", .title = "copies", .opened = 5},
                                     {.layer = &layer});
    ASSERT_TRUE(writer);
    for (std::uint64_t i = 0; i < batches; ++i) {
      ASSERT_TRUE(writer->append(views(numbered_entries(20 * i, 20))) && writer->sync());
    }
    ASSERT_TRUE(close ? writer->close(9) : writer->settle());
    written = layer.contents(kCopiesPath);
    count = 20 * batches;
  }

  // Entries that are read, and whether there was an error.
  std::uint64_t readable() {
    auto reader = FileReader::open(kCopiesPath, {.layer = &layer});
    if (!reader) return 0;
    title = reader->header().title;
    file_id = reader->header().file_id;
    std::uint64_t entries = 0;
    for (;;) {
      const auto entry = reader->next();
      if (entry && !*entry) return entries;
      if (!entry) continue;
      EXPECT_EQ(Entry(**entry), test::numbered_entry(reader->ordinal()));
      ++entries;
    }
  }

  // A block of zeros costs the frames in it; what is left can be repaired, and has the file's names.
  void expect_block_may_go(std::size_t block) {
    SCOPED_TRACE(block);
    std::string bytes = written;
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(block), std::min(kBlock, bytes.size() - block), '\0');
    layer.set_contents(kCopiesPath, bytes);
    const std::uint64_t before = readable();
    EXPECT_GE(before + 140, count) << "more than the frames in the block";
    EXPECT_EQ(title, "copies");
    EXPECT_EQ(file_id, 7U);
    const auto verified = verify(kCopiesPath, {.layer = &layer});
    EXPECT_TRUE(verified && !verified->whole());
    const auto repaired = repair(kCopiesPath, {.layer = &layer});
    ASSERT_TRUE(repaired) << repaired.error().to_string();
    EXPECT_EQ(readable(), before);
    EXPECT_EQ(title, "copies");
    EXPECT_TRUE(verify(kCopiesPath, {.layer = &layer})->whole());
  }

  MemoryFileLayer layer;
  std::string written;
  std::uint64_t count = 0;
  std::string title;
  FileId file_id = 0;
};

TEST_F(HeaderCopies, AnyBlockOfAnOpenFileMayGo) {
  ASSERT_NO_FATAL_FAILURE(write(40, false));
  ASSERT_GT(written.size(), 4 * kBlock);
  for (std::size_t block = 0; block < written.size(); block += kBlock) expect_block_may_go(block);
}

TEST_F(HeaderCopies, AnyBlockOfAClosedFileMayGo) {
  ASSERT_NO_FATAL_FAILURE(write(40, true));
  for (std::size_t block = 0; block < written.size(); block += kBlock) expect_block_may_go(block);
}

// The first three blocks: the copy at the end is left.
TEST_F(HeaderCopies, AClosedFileHasOneAtItsEnd) {
  ASSERT_NO_FATAL_FAILURE(write(40, true));
  std::fill_n(written.begin(), 3 * kBlock, '\0');
  layer.set_contents(kCopiesPath, written);
  EXPECT_GT(readable(), count / 4);
  EXPECT_EQ(title, "copies");
}

TEST_F(HeaderCopies, OneIsWrittenAfterAMegabyteToo) {
  ASSERT_NO_FATAL_FAILURE(write(2400, false));
  ASSERT_GT(written.size(), std::size_t{5} << 18);
  std::fill_n(written.begin(), std::size_t{1} << 19, '\0');
  layer.set_contents(kCopiesPath, written);
  EXPECT_GT(readable(), count / 3);
  EXPECT_EQ(title, "copies");
}

TEST_F(HeaderCopies, TheFooterOfASealedFileIsOne) {
  ASSERT_NO_FATAL_FAILURE(write(40, true));
  ASSERT_TRUE(seal(kCopiesPath, {.layer = &layer}));
  written = layer.contents(kCopiesPath);
  std::fill_n(written.begin(), detail::v2::kDataOffset, '\0');
  layer.set_contents(kCopiesPath, written);
  EXPECT_EQ(readable(), count);
  EXPECT_EQ(title, "copies");
  EXPECT_TRUE(FileReader::open(kCopiesPath, {.layer = &layer})->index().sealed);
  ASSERT_TRUE(repair(kCopiesPath, {.layer = &layer}));
  EXPECT_TRUE(verify(kCopiesPath, {.layer = &layer})->whole());
  EXPECT_EQ(readable(), count);
}

// Nothing but frames is left: the ID is the name's, and a repair makes it another file.
TEST_F(HeaderCopies, FramesAreReadWithoutAny) {
  ASSERT_NO_FATAL_FAILURE(write(8, false));
  std::fill_n(written.begin(), detail::v2::kDataOffset, '\0');
  for (std::size_t at = written.find("TOWL2HDR"); at != std::string::npos; at = written.find("TOWL2HDR")) {
    written[at] = '?';
  }
  layer.set_contents(kCopiesPath, written);
  EXPECT_EQ(readable(), count);
  EXPECT_EQ(title, "");
  EXPECT_EQ(file_id, 7U);
  const auto verified = verify(kCopiesPath, {.layer = &layer});
  EXPECT_TRUE(verified && std::any_of(verified->findings.begin(), verified->findings.end(), [](const Finding& finding) {
                return finding.what == "no copy of the header can be read: org, title and UUID are lost";
              }));
  EXPECT_FALSE(FileWriter::open(kCopiesPath, {.layer = &layer})) << "it takes no entries";
  EXPECT_TRUE(layer.contents(kCopiesPath) == written);
  const auto repaired = repair(kCopiesPath, {.layer = &layer});
  ASSERT_TRUE(repaired) << repaired.error().to_string();
  EXPECT_TRUE(repaired->damage.empty()) << "its frames are whole: " << repaired->damage.front().what;
  EXPECT_EQ(readable(), count);
  EXPECT_TRUE(verify(kCopiesPath, {.layer = &layer})->whole());
  EXPECT_NE(FileReader::open(kCopiesPath, {.layer = &layer})->header().uuid, Uuid{});
  EXPECT_TRUE(FileWriter::open(kCopiesPath, {.layer = &layer}));
}

// A file that was flushed and never synced: nothing vouches for what comes after its slot.
class DamagedCopies : public HeaderCopies {
 protected:
  void SetUp() override {
    auto writer = FileWriter::create(kCopiesPath, {.file_id = 7, .org = "acme", .title = "copies", .opened = 5},
                                     {.layer = &layer});
    ASSERT_TRUE(writer);
    for (count = 0; count < 400; count += 20) {
      ASSERT_TRUE(writer->append(views(numbered_entries(count, 20))) && writer->flush());
    }
    written = layer.contents(kCopiesPath);
    at = written.find("TWLF", 8192);
    ASSERT_EQ(written.substr(at + detail::v2::kFrameHeaderBytes, 9), "towlfile2");
  }

  // Recovery and repair keep what a reader gives, and an ordinal that was assigned is not assigned again.
  void expect_all_kept(const std::string& damaged) {
    layer.set_contents(kCopiesPath, damaged);
    EXPECT_EQ(readable(), count);
    EXPECT_FALSE(verify(kCopiesPath, {.layer = &layer})->whole());
    const auto recovered = recover(kCopiesPath, {.layer = &layer});
    ASSERT_TRUE(recovered) << recovered.error().to_string();
    EXPECT_EQ(recovered->torn_bytes, 0u);
    EXPECT_FALSE(recovered->damage.empty());
    EXPECT_EQ(recovered->index.count, count);
    EXPECT_EQ(readable(), count);
    ASSERT_TRUE(repair(kCopiesPath, {.layer = &layer}));
    EXPECT_EQ(readable(), count);
    EXPECT_TRUE(verify(kCopiesPath, {.layer = &layer})->whole());
  }

  std::size_t at = 0;  // of the copy
};

TEST_F(DamagedCopies, FlippedOnesCostNothing) {
  written[at + 500] = static_cast<char>(written[at + 500] ^ 1);
  expect_all_kept(written);
}

// What follows then begins within what the copy says is its own.
TEST_F(DamagedCopies, ShortenedOnesCostNothing) {
  for (const std::size_t less : {8u, 112u, 500u}) {
    SCOPED_TRACE(less);
    expect_all_kept(std::string(written).erase(at + 200, less));
  }
}

TEST_F(DamagedCopies, AHalfWrittenOneIsATornTail) {
  written.resize(at + 300);
  layer.set_contents(kCopiesPath, written);
  const std::uint64_t before = readable();
  auto writer = FileWriter::open(kCopiesPath, {.layer = &layer});
  ASSERT_TRUE(writer) << writer.error().to_string();
  EXPECT_EQ(writer->recovered().torn_bytes, 300u);
  const Ordinal first = writer->index().count;
  ASSERT_TRUE(writer->append(views(numbered_entries(first, 20))) && writer->close(9));
  EXPECT_EQ(readable(), before + 20);
  EXPECT_TRUE(verify(kCopiesPath, {.layer = &layer})->whole());
}

// Written together with a frame of entries: of the one nothing got to the disk, of the other all but its end.
TEST_F(DamagedCopies, OneLostWithHalfTheNextFrameIsATornTail) {
  const std::size_t next = at + detail::v2::kFrameHeaderBytes + detail::v2::kPageBytes;
  ASSERT_EQ(written.substr(next, 4), "TWLF");
  written.resize(written.find("TWLF", next + 4));
  std::fill(written.begin() + static_cast<std::ptrdiff_t>(at), written.begin() + static_cast<std::ptrdiff_t>(next),
            '\0');
  std::fill(written.end() - 40, written.end(), '\0');
  layer.set_contents(kCopiesPath, written);
  const auto recovered = recover(kCopiesPath, {.layer = &layer});
  ASSERT_TRUE(recovered) << recovered.error().to_string();
  EXPECT_TRUE(recovered->damage.empty()) << recovered->damage.front().what;
  EXPECT_EQ(recovered->torn_bytes, written.size() - at);
}

TEST_F(DamagedCopies, AHalfWrittenOneIsNoHeaderIfTheOthersAreLost) {
  for (const std::size_t left : {130u, 300u, 1143u}) {
    SCOPED_TRACE(left);
    std::string cut = written.substr(0, at + left);
    std::fill_n(cut.begin(), detail::v2::kDataOffset, '\0');
    layer.set_contents(kCopiesPath, cut);
    EXPECT_GT(readable(), 100U);
    EXPECT_EQ(title, "");
    EXPECT_FALSE(verify(kCopiesPath, {.layer = &layer})->whole());
  }
}

TEST_F(HeaderCopies, KeepWhatALaterVersionAdds) {
  using namespace detail::v2;
  ASSERT_NO_FATAL_FAILURE(write(8, true));
  // A compatible feature, and 8 more bytes in the second part.
  std::string page = written.substr(0, kPageBytes);
  detail::store_little_endian(page.data() + kExtensionOffset + 8, std::uint32_t{64});
  detail::store_little_endian(page.data() + kExtensionOffset + 16, std::uint32_t{0x80});
  page.replace(kExtensionOffset + 56, 8, "newer...");
  detail::store_little_endian(page.data() + kHeaderChecksumOffset,
                              detail::crc32c(std::string_view(page).substr(0, kHeaderChecksumOffset)));
  written.replace(0, kPageBytes, page);
  layer.set_contents(kCopiesPath, written);
  EXPECT_TRUE(verify(kCopiesPath, {.layer = &layer})->whole());
  written[kDataOffset + kFrameHeaderBytes] ^= 1;
  layer.set_contents(kCopiesPath, written);
  ASSERT_TRUE(repair(kCopiesPath, {.layer = &layer})->rewritten);
  EXPECT_TRUE(layer.contents(kCopiesPath).substr(0, kPageBytes) == page);
  EXPECT_TRUE(verify(kCopiesPath, {.layer = &layer})->whole());
  ASSERT_TRUE(seal(kCopiesPath, {.layer = &layer}));
  EXPECT_TRUE(layer.contents(kCopiesPath).substr(0, kPageBytes) == page);
  EXPECT_TRUE(verify(kCopiesPath, {.layer = &layer})->whole());
  EXPECT_EQ(readable(), count - 20);
}

// An idle file's index is up to date within a second, and safe.
TEST_F(HeaderCopies, AnIdleFileHasItsSlot) {
  Timestamp time = 0;
  auto writer =
      FileWriter::create(kCopiesPath, {.file_id = 7, .opened = 5}, {.layer = &layer, .clock = [&] { return time; }});
  ASSERT_TRUE(writer && writer->append(views(numbered_entries(0, 20))) && writer->sync());
  ASSERT_TRUE(writer->append(views(numbered_entries(20, 20))) && writer->sync());
  EXPECT_EQ(FileReader::open(kCopiesPath, {.layer = &layer})->index().count, 20U) << "not more than once a second";
  time += kNanosecondsPerSecond / 2;
  ASSERT_TRUE(writer->tick());
  layer.cut_power(PowerCut::keep_synced);
  EXPECT_EQ(FileReader::open(kCopiesPath, {.layer = &layer})->index().count, 40U);
  const auto operations = layer.operations();
  time += 10 * kNanosecondsPerSecond;
  ASSERT_TRUE(writer->tick());
  EXPECT_EQ(layer.operations(), operations) << "nothing to do";
}

// Its frames are not ours: no byte of it may be taken for a torn tail.
TEST_F(HeaderCopies, AFileOfAnEarlyLayoutIsRefusedAndLeftAlone) {
  using namespace detail::v2;
  ASSERT_NO_FATAL_FAILURE(write(8, false));
  // Its frames had headers of 80 bytes, with their checksum at offset 4.
  const auto tag = detail::load_little_endian<std::uint32_t>(written.data() + kExtensionOffset + 20);
  std::string header = written.substr(kFramesOffset, 80);
  detail::store_little_endian(header.data() + 4, detail::crc32c(std::string_view(header).substr(8), tag));
  written.replace(kFramesOffset, header.size(), header);
  layer.set_contents(kCopiesPath, written);
  EXPECT_EQ(FileReader::open(kCopiesPath, {.layer = &layer}).error().code, ErrorCode::unsupported_version);
  EXPECT_EQ(recover(kCopiesPath, {.layer = &layer}).error().code, ErrorCode::unsupported_version);
  EXPECT_EQ(repair(kCopiesPath, {.layer = &layer}).error().code, ErrorCode::unsupported_version);
  EXPECT_EQ(FileWriter::open(kCopiesPath, {.layer = &layer}).error().code, ErrorCode::unsupported_version);
  EXPECT_TRUE(layer.contents(kCopiesPath) == written);
}

}  // namespace
}  // namespace towl
