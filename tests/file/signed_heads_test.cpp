// A file that was signed: any later change by somebody without the key is detected.
#include "towl/signed_heads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "support/stores.hpp"
#include "support/test_signer.hpp"
#include "towl/file_writer.hpp"
#include "towl/memory_file_layer.hpp"
#include "towl/recover.hpp"
#include "towl/seal.hpp"
#include "v2/frame.hpp"
#include "v2/pages.hpp"

namespace towl {
namespace {

using testing::HasSubstr;

constexpr const char* kSignedPath = "/1.towl";
constexpr const char* kOther = "/2.towl";
constexpr Uuid kUuid = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

class SignedHeads : public testing::Test {
 protected:
  // 300 entries, by frames of 50; heads at 100, 250 and, if it is closed, at 300. `change` makes the entries others.
  void write(const char* path, const std::function<void(std::vector<Entry>&)>& change = {}, bool close = true,
             char key = 'k', Uuid uuid = kUuid) {
    HeadSigner signer(
        test::test_signer(key), [] { return Timestamp{77}; }, &layer);
    WriteOptions options{.layer = &layer};
    options.closing_head = [&](const std::filesystem::path& p, std::uint64_t count) {
      return signer.sign(p, count).value_or("");
    };
    auto entries = test::numbered_entries(0, 300);
    if (change) change(entries);
    auto writer = FileWriter::create(path, {.file_id = 1, .opened = 5, .uuid = uuid}, options);
    ASSERT_TRUE(writer) << writer.error().to_string();
    for (std::size_t i = 0; i < entries.size(); i += 50) {
      ASSERT_TRUE(writer->append(test::views(
          {entries.begin() + static_cast<std::ptrdiff_t>(i), entries.begin() + static_cast<std::ptrdiff_t>(i + 50)})));
      ASSERT_TRUE(writer->flush());
      if (i != 50 && i != 200) continue;
      const auto head = signer.sign(path, i + 50);
      ASSERT_TRUE(head) << head.error().to_string();
      ASSERT_TRUE(writer->append_head(*head));
    }
    ASSERT_TRUE(close ? writer->close(9) : writer->sync());
  }

  HeadsReport check(const char* path, std::uint64_t from = 0, std::vector<SignedHead> others = {}, char key = 'k') {
    const auto report = check_heads(path, {.public_keys = {std::string(32, key)},
                                           .check = test::check_test_signature,
                                           .from = from,
                                           .others = std::move(others),
                                           .layer = &layer});
    EXPECT_TRUE(report) << report.error().to_string();
    return report.value_or(HeadsReport{});
  }

  static std::string texts(const HeadsReport& report) {
    std::string all;
    for (const Finding& finding : report.findings) all += finding.what + "; ";
    return all;
  }

  void expect_proved(const char* path, std::uint64_t heads = 3) {
    const HeadsReport report = check(path);
    EXPECT_EQ(texts(report), "");
    EXPECT_EQ(report.heads, heads);
    EXPECT_EQ(report.proved, 300u);
    EXPECT_EQ(report.count, 300u);
    const auto verified = verify(path, {.layer = &layer});
    ASSERT_TRUE(verified);
    EXPECT_TRUE(verified->whole()) << verified->findings.front().what;
  }

  // The payloads of the heads in a file, with their places.
  std::vector<std::pair<std::size_t, std::string>> stored_heads(const char* path) {
    using namespace detail::v2;
    const std::string file = layer.contents(path);
    std::vector<std::pair<std::size_t, std::string>> heads;
    FrameHeader header;
    for (std::size_t at = kFramesOffset; at < file.size(); at += static_cast<std::size_t>(header.bytes())) {
      const std::string_view rest = std::string_view(file).substr(at);
      if (read_frame_header(rest, file_tag(kUuid), header) != FrameFound::frame) break;
      if (header.kind == FrameKind::head) heads.emplace_back(at, std::string(payload_of(rest, header)));
    }
    return heads;
  }

  MemoryFileLayer layer;
};

TEST_F(SignedHeads, ProveAFileAsItWasWritten) {
  write(kSignedPath);
  expect_proved(kSignedPath);
  EXPECT_EQ(test::read_all(kSignedPath, &layer), test::numbered_entries(0, 300));
  const auto heads = read_heads(kSignedPath, &layer);
  ASSERT_TRUE(heads);
  ASSERT_EQ(heads->size(), 3u);
  EXPECT_EQ((*heads)[1].count, 250u);
  EXPECT_EQ((*heads)[1].time, 77);
}

TEST_F(SignedHeads, OfAnOpenFileProveItAsFarAsTheyGo) {
  write(kSignedPath, {}, false);
  const HeadsReport report = check(kSignedPath);
  EXPECT_EQ(texts(report), "");
  EXPECT_EQ(report.proved, 250u);
  EXPECT_EQ(report.count, 300u);
}

// Sealing keeps the last one of so few entries.
TEST_F(SignedHeads, SurviveSealing) {
  write(kSignedPath);
  ASSERT_TRUE(seal(kSignedPath, {.layer = &layer}));
  expect_proved(kSignedPath, 1);
  EXPECT_EQ(check(kSignedPath, 300).proved, 300u);
}

TEST_F(SignedHeads, SurviveARecoveryAndWritingOn) {
  write(kSignedPath, {}, false);
  std::string file = layer.contents(kSignedPath);
  layer.set_contents(kSignedPath, file + "half a frame");
  ASSERT_TRUE(recover(kSignedPath, {.layer = &layer}));
  const HeadsReport report = check(kSignedPath);
  EXPECT_EQ(texts(report), "");
  EXPECT_EQ(report.proved, 250u);
}

// Somebody rewrites the file with all checksums right, and keeps the heads.
TEST_F(SignedHeads, TellWhichPartWasForged) {
  write(kSignedPath);
  const auto heads = stored_heads(kSignedPath);
  for (const std::size_t forged : {0U, 99U, 100U, 249U, 250U, 299U}) {
    SCOPED_TRACE(forged);
    auto entries = test::numbered_entries(0, 300);
    entries[forged].log_entry += " forged";
    layer.set_contents(kOther, "");
    ASSERT_TRUE(layer.remove(kOther));
    auto writer = FileWriter::create(kOther, {.file_id = 1, .opened = 5, .uuid = kUuid}, {.layer = &layer});
    ASSERT_TRUE(writer);
    for (std::size_t i = 0; i < 300; ++i) {
      ASSERT_TRUE(writer->append(entries[i]));
      for (std::size_t head = 0; head < heads.size(); ++head) {
        if (i + 1 == std::array<std::size_t, 3>{100, 250, 300}[head]) {
          ASSERT_TRUE(writer->append_head(heads[head].second));
        }
      }
    }
    ASSERT_TRUE(writer->close(9));
    for (const bool sealed : {false, true}) {
      if (sealed) {
        ASSERT_TRUE(seal(kOther, {.layer = &layer}));
      }
      const auto verified = verify(kOther, {.layer = &layer});
      ASSERT_TRUE(verified && verified->whole());
      const HeadsReport report = check(kOther);
      ASSERT_EQ(report.findings.size(), 1u) << texts(report);
      EXPECT_THAT(texts(report), HasSubstr("others than were signed"));
      if (!sealed) {
        const char* part = forged < 100   ? "entries 0 to 99"
                           : forged < 250 ? "entries 100 to 249"
                                          : "entries 250 to 299";
        EXPECT_THAT(texts(report), HasSubstr(part));
      }
    }
  }
}

// The collector itself shows two mirrors two histories: each is right by itself.
TEST_F(SignedHeads, OfTwoHistoriesGiveEachOtherAway) {
  write(kSignedPath);
  write(kOther, [](std::vector<Entry>& entries) { entries[120].log_entry = "nothing happened"; });
  EXPECT_EQ(texts(check(kSignedPath)), "");
  EXPECT_EQ(texts(check(kOther)), "");
  EXPECT_THAT(texts(check(kSignedPath, 0, *read_heads(kOther, &layer))), HasSubstr("one of the two was rewritten"));
  EXPECT_THAT(texts(check(kOther, 0, *read_heads(kSignedPath, &layer))), HasSubstr("one of the two was rewritten"));
  EXPECT_EQ(texts(check(kSignedPath, 0, *read_heads(kSignedPath, &layer))), "");
}

TEST_F(SignedHeads, OfAnotherKeyAreNone) {
  write(kSignedPath, {}, true, 'x');
  const HeadsReport report = check(kSignedPath);
  EXPECT_EQ(report.heads, 0u);
  EXPECT_THAT(texts(report), HasSubstr("another key has signed"));
  EXPECT_THAT(texts(report), HasSubstr("nothing of this file is signed by that key"));
}

TEST_F(SignedHeads, MovedFromAnotherFileOrAlteredAreNone) {
  Uuid uuid = kUuid;
  uuid[0] = 99;
  write(kOther, {}, true, 'k', uuid);
  auto writer = FileWriter::create(kSignedPath, {.file_id = 1, .opened = 5, .uuid = kUuid}, {.layer = &layer});
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->append(test::views(test::numbered_entries(0, 300))));
  HeadSigner other(test::test_signer(), now, &layer);
  std::string head = *other.sign(kOther, 300);
  ASSERT_TRUE(writer->append_head(head));
  HeadSigner own(test::test_signer(), now, &layer);
  head = *own.sign(kSignedPath, 300);
  head[16] = static_cast<char>(head[16] ^ 1);  // The time that it says.
  ASSERT_TRUE(writer->append_head(head));
  ASSERT_TRUE(writer->close(9));
  const HeadsReport report = check(kSignedPath);
  EXPECT_EQ(report.heads, 0u);
  EXPECT_THAT(texts(report), HasSubstr("altered, or moved"));
  EXPECT_THAT(texts(report), HasSubstr("nothing of this file is signed"));
}

TEST_F(SignedHeads, TakenOutOrCutOffAreMissed) {
  auto writer = FileWriter::create(kSignedPath, {.file_id = 1, .opened = 5, .uuid = kUuid}, {.layer = &layer});
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->append(test::views(test::numbered_entries(0, 300))));
  ASSERT_TRUE(writer->flush());
  HeadSigner signer(test::test_signer(), now, &layer);
  ASSERT_TRUE(writer->append_head(*signer.sign(kSignedPath, 200)));
  ASSERT_TRUE(writer->close(9));
  EXPECT_THAT(texts(check(kSignedPath)), HasSubstr("entries 200 to 299 are not signed, though the file is closed"));
}

// Entries that were signed and are lost: what comes after the next head is proved again.
TEST_F(SignedHeads, ProveTheRestOfAFileThatIsRepaired) {
  write(kSignedPath);
  std::string file = layer.contents(kSignedPath);
  const std::size_t at = file.find("entry 100");
  ASSERT_NE(at, std::string::npos);
  file[at] = 'E';
  layer.set_contents(kSignedPath, file);
  for (const bool repaired : {false, true}) {
    SCOPED_TRACE(repaired);
    if (repaired) {
      ASSERT_TRUE(repair(kSignedPath, {.layer = &layer}));
    }
    const HeadsReport report = check(kSignedPath);
    EXPECT_EQ(report.heads, 3u);
    EXPECT_EQ(report.proved, 300u);
    ASSERT_EQ(report.findings.size(), 1u) << texts(report);
    EXPECT_THAT(texts(report), HasSubstr("of entries 100 to 249 some are lost"));
  }
  ASSERT_TRUE(seal(kSignedPath, {.layer = &layer}));
  EXPECT_THAT(texts(check(kSignedPath)), HasSubstr("some are lost"));
}

// Ordinals that never had entries when the collector signed: nothing is wrong.
TEST_F(SignedHeads, GoOverGapsThatWereThere) {
  HeadSigner signer(test::test_signer(), now, &layer);
  auto writer = FileWriter::create(kSignedPath, {.file_id = 1, .opened = 5, .uuid = kUuid}, {.layer = &layer});
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->append(test::views(test::numbered_entries(0, 30))));
  ASSERT_TRUE(writer->append_gap(1000, {}));
  ASSERT_TRUE(writer->flush());
  ASSERT_TRUE(writer->append_head(*signer.sign(kSignedPath, 1030)));
  ASSERT_TRUE(writer->append(test::views(test::numbered_entries(0, 30))));
  ASSERT_TRUE(writer->append_gap(5, {}));
  ASSERT_TRUE(writer->flush());
  ASSERT_TRUE(writer->append_head(*signer.sign(kSignedPath, 1065)));
  ASSERT_TRUE(writer->close(9));
  const HeadsReport report = check(kSignedPath);
  EXPECT_EQ(texts(report), "");
  EXPECT_EQ(report.proved, 1065u);
}

TEST_F(SignedHeads, AreCheckedFromWhereTheyWereBefore) {
  write(kSignedPath);
  const HeadsReport report = check(kSignedPath, 260);
  EXPECT_EQ(texts(report), "");
  EXPECT_EQ(report.proved, 300u);
}

TEST_F(SignedHeads, AreMadeOnceForAsManyEntries) {
  write(kSignedPath, {}, false);
  HeadSigner signer(test::test_signer(), now, &layer);
  ASSERT_TRUE(signer.advance(kSignedPath, 200));
  EXPECT_NE(*signer.sign(kSignedPath, 300), "");
  EXPECT_EQ(*signer.sign(kSignedPath, 300), "");
  EXPECT_EQ(*signer.sign(kSignedPath, 200), "");
  EXPECT_FALSE(signer.sign(kSignedPath, 301));  // There are not as many.
}

// In a head of another length nothing would be where it is looked for.
TEST_F(SignedHeads, NeedAKeyAndASignatureOfTheirLengths) {
  write(kSignedPath, {}, false);
  for (const std::size_t bytes : {0u, 63u, 65u}) {
    Signer bad = test::test_signer();
    bad.sign = [bytes](std::string_view) { return Result<std::string>(std::string(bytes, 's')); };
    HeadSigner signer(
        bad, [] { return Timestamp{77}; }, &layer);
    const auto head = signer.sign(kSignedPath, 300);
    ASSERT_FALSE(head) << bytes;
    EXPECT_EQ(head.error().code, ErrorCode::invalid_argument);
  }
  Signer bad = test::test_signer();
  bad.public_key.pop_back();
  HeadSigner signer(
      bad, [] { return Timestamp{77}; }, &layer);
  EXPECT_FALSE(signer.sign(kSignedPath, 300));
}

TEST_F(SignedHeads, NeedFormatTwo) {
  auto writer =
      FileWriter::create(kSignedPath, {.file_id = 1, .opened = 5, .format = FileFormat::v1}, {.layer = &layer});
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->append(test::numbered_entry(0)));
  EXPECT_FALSE(writer->append_head("x"));
  ASSERT_TRUE(writer->close(9));
  HeadSigner signer(test::test_signer(), now, &layer);
  EXPECT_FALSE(signer.sign(kSignedPath, 1));
  EXPECT_FALSE(read_heads(kSignedPath, &layer));
}

}  // namespace
}  // namespace towl
