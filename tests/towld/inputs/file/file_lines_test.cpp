// From bytes of a file to entries: encodings, line ends, long lines, joined lines; and how a file is known again.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "inputs/file/file_position.hpp"
#include "inputs/file/file_tail.hpp"
#include "inputs/file/line_joiner.hpp"
#include "inputs/file/line_reader.hpp"
#include "inputs/file/text_decoder.hpp"
#include "support/temp_folder.hpp"

namespace towld {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::string_literals;

std::string utf16(std::u16string_view text, bool big) {
  std::string bytes;
  for (const char16_t unit : text) {
    const char low = static_cast<char>(unit & 0xFF);
    const char high = static_cast<char>(unit >> 8);
    bytes += big ? high : low;
    bytes += big ? low : high;
  }
  return bytes;
}

TEST(TextDecoder, MakesUtf8OfWhatFilesHave) {
  std::string scratch;
  EXPECT_EQ(to_utf8("gr\xFC\xDF", Encoding::latin1, scratch), "grüß");
  for (const bool big : {false, true}) {
    const auto encoding = big ? Encoding::utf16be : Encoding::utf16le;
    EXPECT_EQ(to_utf8(utf16(u"aß€😀", big), encoding, scratch), "aß€😀");
    EXPECT_EQ(to_utf8(utf16({u"\xD83D!", 2}, big), encoding, scratch), "\uFFFD!") << "half a pair";
    EXPECT_EQ(to_utf8(utf16(u"a", big) + "x", encoding, scratch), "a\uFFFD") << "half a unit";
  }
  EXPECT_EQ(to_utf8("\xFF as it is", Encoding::utf8, scratch), "\xFF as it is");
}

TEST(TextDecoder, FindsLineFeedsBetweenUnitsAlone) {
  EXPECT_EQ(find_line_feed("ab\nc", Encoding::utf8), 2u);
  EXPECT_EQ(find_line_feed(utf16(u"ab\nc", false), Encoding::utf16le), 4u);
  EXPECT_EQ(find_line_feed(utf16(u"ab\nc", true), Encoding::utf16be), 4u);
  // U+0A0A and U+0A00 have the byte in the wrong places.
  EXPECT_EQ(find_line_feed(utf16(u"\x0A0A\x0A00\n", false), Encoding::utf16le), 4u);
  EXPECT_EQ(find_line_feed(utf16(u"\x0A0A\x0A00\n", true), Encoding::utf16be), 4u);
  EXPECT_EQ(find_line_feed("\n", Encoding::utf16le), std::string_view::npos);
}

TEST(TextDecoder, CutsNotWithinACharacter) {
  EXPECT_EQ(cut_text("abc", 3), "abc");
  EXPECT_EQ(cut_text("abc", 2), "ab");
  EXPECT_EQ(cut_text("a€b", 3), "a");
  EXPECT_EQ(cut_text("a€b", 4), "a€");
  EXPECT_EQ(cut_text("\x80\x80\x80\x80\x80\x80", 5), "\x80\x80\x80\x80\x80");
}

TEST(Compression, IsKnownByTheFirstBytes) {
  EXPECT_EQ(compression_of("\x1F\x8B\x08"), "gzip");
  EXPECT_EQ(compression_of("\xFD\x37zXZ\0"s), "xz");
  EXPECT_EQ(compression_of("\x28\xB5\x2F\xFD"), "zstd");
  EXPECT_EQ(compression_of("text"), "");
}

TEST(FilePosition, TextIsReadBackAndNothingElseIs) {
  const FilePosition position{
      12345,         {1024, 0xFEDC'BA98'7654'3210}, {512, 7}, {0, 12500, 0}, 1'795'260'005'825'410'709,
      1'795'260'005, "/var/log/with space\xFF.log"};
  EXPECT_EQ(parse_position(to_text(position)), position);
  for (const char* text :
       {"", "2", "2 2", "1 1 1:1 1 1 /a", "2 x 1:1 1:1 0:0:0 1 1 /a", "2 1 1:1 1:1 0:0:0 1 1 ", "2 1 1 1 1 1 /a",
        "2 1 1:1 1:1 1 1 /a", "2 1 1:1 1:1 0:0 1 1 /a", "2 99999999999999999999999 1:1 1:1 0:0:0 1 1 /a"}) {
    EXPECT_FALSE(parse_position(text)) << text;
  }
  EXPECT_EQ(parse_source(source_of({7, 9})), (FileIdentity{7, 9}));
  EXPECT_EQ(source_of({7, 9}), "file/7:9");
  for (const char* source : {"file/a/7:9", "file/7:9x", "file/7", "journald/7:9", ""})
    EXPECT_FALSE(parse_source(source));
}

/// Reads a file with only the reader.
class LineReaderTest : public testing::Test {
 protected:
  struct Taken {
    std::string text;
    std::uint64_t original_bytes;
    std::uint64_t end;
  };

  void write(std::string_view bytes) {
    std::ofstream(path_, std::ios::app | std::ios::binary).write(bytes.data(), static_cast<long>(bytes.size()));
  }

  void begin_file() {
    std::filesystem::remove(path_);
    file_.reset();
  }

  LineReader::Take taker() {
    return [this](const Line& line) { taken_.push_back({std::string(line.text), line.original_bytes, line.end}); };
  }

  /// Reads until nothing is left.
  std::vector<std::string> read(LineReader& reader) {
    if (!file_) file_.reset(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    taken_.clear();
    do {
      EXPECT_TRUE(reader.read(file_.get(), buffers_));
      reader.take_lines(buffers_, taker());
    } while (!reader.at_end());
    std::vector<std::string> texts;
    for (const Taken& taken : taken_) texts.push_back(taken.text);
    return texts;
  }

  towl::test::TempFolder folder_;
  std::string path_ = (folder_ / "a.log").string();
  Descriptor file_;
  ReadBuffers buffers_;
  std::vector<Taken> taken_;
};

TEST_F(LineReaderTest, TakesWholeLinesAndLeavesTheRest) {
  LineReader reader(1000, Encoding::utf8);
  write("one\ntwo\r\n\nthr");
  EXPECT_THAT(read(reader), ElementsAre("one", "two", ""));
  EXPECT_EQ(taken_.back().end, 10u);
  EXPECT_EQ(reader.offset(), 10u);
  write("ee\0\r\r\n"s);
  EXPECT_THAT(read(reader), ElementsAre("three\0\r"s));
  EXPECT_THAT(read(reader), IsEmpty());
}

TEST_F(LineReaderTest, ALineMayGrowByAnyNumberOfBytes) {
  for (const std::size_t step : {std::size_t{1}, std::size_t{1000}, kFileReadBytes / 3, kFileReadBytes}) {
    SCOPED_TRACE(step);
    std::filesystem::remove(path_);
    file_.reset();
    LineReader reader(std::size_t{1} << 20, Encoding::utf8);
    const std::string line(step * 7, 'x');
    for (std::size_t at = 0; at < line.size(); at += step) {
      write(std::string_view(line).substr(at, step));
      EXPECT_THAT(read(reader), IsEmpty());
    }
    write("\nnext\n");
    EXPECT_THAT(read(reader), ElementsAre(line, "next"));
    EXPECT_EQ(taken_.front().original_bytes, 0u);
    EXPECT_EQ(reader.offset(), line.size() + 6);
  }
}

TEST_F(LineReaderTest, LinesOfEveryLengthAroundTheBufferAreWhole) {
  for (const std::size_t size : {kFileReadBytes - 2, kFileReadBytes - 1, kFileReadBytes, kFileReadBytes + 1}) {
    SCOPED_TRACE(size);
    std::filesystem::remove(path_);
    file_.reset();
    LineReader reader(std::size_t{1} << 20, Encoding::utf8);
    write("a\n" + std::string(size, 'b') + "\n" + std::string(size, 'c') + "\r\nd\n");
    EXPECT_THAT(read(reader), ElementsAre("a", std::string(size, 'b'), std::string(size, 'c'), "d"));
  }
}

// Nothing of a line is kept but how far it was searched.
TEST_F(LineReaderTest, ALineOfAGigabyteIsReadInBoundedMemory) {
  constexpr std::uint64_t kLength = std::uint64_t{1} << 30;
  constexpr std::size_t kLimit = 1000;
  write("first\nbegin");
  std::filesystem::resize_file(path_, kLength + 6);  // sparse: zeros
  write("\nlast\n");
  LineReader reader(kLimit, Encoding::utf8);
  const auto texts = read(reader);
  EXPECT_THAT(texts, ElementsAre("first", "begin" + std::string(kLimit - 5, '\0'), "last"));
  EXPECT_EQ(taken_[1].original_bytes, kLength);
  EXPECT_EQ(taken_[2].end, kLength + 12);
  EXPECT_LE(buffers_.capacity(), 3 * kFileReadBytes);
}

TEST_F(LineReaderTest, ShorterLinesAreCutAsWellAndSayHowLongTheyWere) {
  LineReader reader(5, Encoding::utf8);
  write("12345\n123456\r\n");
  EXPECT_THAT(read(reader), ElementsAre("12345", "12345"));
  EXPECT_EQ(taken_[0].original_bytes, 0u);
  EXPECT_EQ(taken_[1].original_bytes, 6u);
}

TEST_F(LineReaderTest, Utf16IsReadAcrossBuffers) {
  for (const bool big : {false, true}) {
    SCOPED_TRACE(big);
    std::filesystem::remove(path_);
    file_.reset();
    const auto encoding = big ? Encoding::utf16be : Encoding::utf16le;
    LineReader reader(std::size_t{1} << 20, encoding);
    const std::string first = utf16(u"one\r\ntw", big);
    write(first.substr(0, first.size() - 1));  // within a unit
    EXPECT_THAT(read(reader), ElementsAre("one"));
    write(first.substr(first.size() - 1) + utf16(u"o\n", big));
    EXPECT_THAT(read(reader), ElementsAre("two"));
    const std::u16string text(kFileReadBytes, u'ß');
    write(utf16(text + u"\nend\n", big));
    const auto texts = read(reader);
    ASSERT_EQ(texts.size(), 2u);
    EXPECT_EQ(texts[0].size(), 2 * kFileReadBytes);
    EXPECT_EQ(texts[1], "end");
  }
}

// A writer that goes on where it was before its file was truncated leaves a hole before what it writes next.
TEST_F(LineReaderTest, NulsInFrontOfALineAreNoneOfIt) {
  for (const std::size_t nuls : {std::size_t{1}, std::size_t{4096}, kFileReadBytes - 3, kFileReadBytes,
                                 3 * kFileReadBytes + 7, std::size_t{3} << 20}) {
    for (const bool sparse : {false, true}) {
      SCOPED_TRACE(std::to_string(nuls) + (sparse ? " sparse" : ""));
      begin_file();
      LineReader reader(std::size_t{1} << 20, Encoding::utf8);
      write("first\n");
      if (sparse) {
        std::filesystem::resize_file(path_, 6 + nuls);
      } else {
        write(std::string(nuls, '\0'));
      }
      write("after\nnext\n\0\0last\n"s);
      EXPECT_THAT(read(reader), ElementsAre("first", "after", "next", "last"));
      for (const Taken& taken : taken_) EXPECT_EQ(taken.original_bytes, 0u);
      EXPECT_EQ(reader.offset(), std::filesystem::file_size(path_));
    }
  }
}

TEST_F(LineReaderTest, AHoleOfGigabytesIsPassedOver) {
  LineReader reader(1000, Encoding::utf8);
  write("first\n");
  std::filesystem::resize_file(path_, std::uint64_t{20} << 30);
  EXPECT_THAT(read(reader), ElementsAre("first"));
  EXPECT_EQ(reader.offset(), 6u) << "nothing follows yet";
  write("after\n");
  EXPECT_THAT(read(reader), ElementsAre("after"));
  EXPECT_LT(buffers_.reads, 20u);
}

// Of a file that was given its length before its text.
TEST_F(LineReaderTest, NulsAtTheEndMayBecomeText) {
  LineReader reader(1000, Encoding::utf8);
  write("first\n" + std::string(3 * kFileReadBytes, '\0'));
  EXPECT_THAT(read(reader), ElementsAre("first"));
  std::fstream(path_, std::ios::in | std::ios::out | std::ios::binary).seekp(6).write("second\n", 7);
  EXPECT_THAT(read(reader), ElementsAre("second"));
  EXPECT_EQ(reader.offset(), 13u);
  EXPECT_TRUE(reader.take_rest(file_.get(), std::filesystem::file_size(path_), buffers_, taker()));
  EXPECT_EQ(taken_.size(), 1u) << "NULs alone are no line";
}

TEST_F(LineReaderTest, NulsOfUtf16AreWholeUnits) {
  for (const bool big : {false, true}) {
    begin_file();
    LineReader reader(1000, big ? Encoding::utf16be : Encoding::utf16le);
    write(utf16(u"a\n", big) + std::string(kFileReadBytes + 10, '\0') + utf16(u"bc\n", big));
    EXPECT_THAT(read(reader), ElementsAre("a", "bc")) << big;
  }
}

TEST_F(LineReaderTest, WhatHasNoEndIsTakenWhenTheFileIsOver) {
  LineReader reader(1000, Encoding::utf8);
  write("one\ntwo");
  EXPECT_THAT(read(reader), ElementsAre("one"));
  taken_.clear();
  ASSERT_TRUE(reader.take_rest(file_.get(), 7, buffers_, taker()));
  ASSERT_EQ(taken_.size(), 1u);
  EXPECT_EQ(taken_[0].text, "two");
  EXPECT_EQ(taken_[0].end, 7u);
  EXPECT_EQ(reader.offset(), 7u);
}

/// Joins lines, the end of each being its number.
std::vector<std::string> join(const MultilineConfig& config, const std::vector<std::string>& lines,
                              std::size_t max_bytes = 1000) {
  const auto rule = JoinRule::create(config);
  EXPECT_TRUE(rule) << rule.error().to_string();
  LineJoiner joiner(*rule, max_bytes);
  std::vector<std::string> entries;
  const auto take = [&](const Line& line) {
    std::string entry = std::string(line.text) + "@" + std::to_string(line.end);
    if (line.original_bytes > 0) entry += "/" + std::to_string(line.original_bytes);
    entries.push_back(entry);
  };
  std::uint64_t number = 0;
  for (const std::string& line : lines) joiner.add({line, 0, ++number}, take);
  joiner.flush(take);
  EXPECT_TRUE(joiner.empty());
  return entries;
}

TEST(LineJoiner, ALineThatMatchesBeginsAnEntry) {
  const MultilineConfig config{.start_pattern = "^[0-9]"};
  EXPECT_THAT(join(config, {"1 a", " b", " c", "2 d", "3 e", " f"}),
              ElementsAre("1 a\n b\n c@3", "2 d@4", "3 e\n f@6"));
  EXPECT_THAT(join(config, {" of before", " too", "1 a"}), ElementsAre(" of before\n too@2", "1 a@3"));
}

TEST(LineJoiner, ALineThatMatchesBelongsToTheOneBefore) {
  const MultilineConfig config{.continue_pattern = R"(^\s)"};
  EXPECT_THAT(join(config, {"a", " b", "c", "d", "\te"}), ElementsAre("a\n b@2", "c@3", "d\n\te@5"));
}

TEST(LineJoiner, AnEntryHasNoMoreLinesThanItMay) {
  const MultilineConfig config{.start_pattern = "^x", .max_lines = 2};
  EXPECT_THAT(join(config, {"x", "1", "2", "3", "4", "x"}), ElementsAre("x\n1@2", "2\n3@4", "4@5", "x@6"));
}

TEST(LineJoiner, AnEntryThatIsTooLongIsCutAndSaysHowLongItWas) {
  const MultilineConfig config{.start_pattern = "^x"};
  EXPECT_THAT(join(config, {"x23", "567", "9"}, 6), ElementsAre("x23\n56@3/9"));
  EXPECT_THAT(join(config, {"x23", "567"}, 7), ElementsAre("x23\n567@2"));
  EXPECT_THAT(join(config, {"x23", "567"}, 3), ElementsAre("x23@2/7"));
}

TEST(LineJoiner, PatternsThatMakeNoSenseAreRefused) {
  EXPECT_FALSE(JoinRule::create({.start_pattern = "("}));
  EXPECT_FALSE(JoinRule::create({.start_pattern = R"((a)\1)"}));
}

TEST(Fingerprint, AFileThatBeginsTheSameAndGoesOnIsTheSame) {
  const auto fingerprint = fingerprint_of("head"s);
  EXPECT_TRUE(begins_with("head and more"s, fingerprint));
  EXPECT_FALSE(begins_with("hea"s, fingerprint));
  EXPECT_FALSE(begins_with("tail"s, fingerprint));
  EXPECT_TRUE(begins_with(""s, Fingerprint{}));
}

}  // namespace
}  // namespace towld
