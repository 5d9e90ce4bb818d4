// The systemd journal, from real journal files: systemd-journal-remote makes them, journalctl says what is in them.
#include "inputs/journald/journald_input.hpp"

#include <nlohmann/json.hpp>

#include "parse/make_parsers.hpp"
#include "parse/parser_type.hpp"
#include "support/temp_folder.hpp"
#include "towld/inputs/input_support.hpp"

namespace towld {
namespace {

using nlohmann::json;
using towl::test::eventually;

constexpr std::uint64_t kStart_us = 1'768'660'200'000'000;
constexpr const char* kBoot = "123e4567e89b12d3a456426614174000";

/// One entry in systemd's export format (https://systemd.io/JOURNAL_EXPORT_FORMATS/).
class ExportEntry {
 public:
  explicit ExportEntry(std::uint64_t number) {
    add("__CURSOR", "unused");
    add("__REALTIME_TIMESTAMP", std::to_string(kStart_us + number));
    add("__MONOTONIC_TIMESTAMP", std::to_string(1'000'000 + number));
    add("_BOOT_ID", kBoot);
  }

  ExportEntry& add(const std::string& name, const std::string& value) {
    const bool plain = value.find('\n') == std::string::npos && value.find('\0') == std::string::npos;
    if (plain) {
      text_ += name + "=" + value + "\n";
      return *this;
    }
    text_ += name + "\n";
    for (unsigned shift = 0; shift < 64; shift += 8) text_ += static_cast<char>((value.size() >> shift) & 0xFF);
    text_ += value + "\n";
    return *this;
  }

  std::string text() const { return text_ + "\n"; }

 private:
  std::string text_;
};

class JournaldTest : public testing::Test {
 protected:
  /// Appends entries to a journal file of the folder.
  void write(const std::string& entries, const std::string& file = "remote.journal") {
    const auto result = towl::test::run(
        {"/lib/systemd/systemd-journal-remote", "--output=" + (folder_ / file).string(), "-"}, {.input = entries});
    ASSERT_EQ(result.code, 0) << result.err;
  }

  void write_numbered(std::uint64_t first, std::uint64_t count, const std::string& file = "remote.journal") {
    std::string text;
    for (std::uint64_t i = first; i < first + count; ++i) {
      text += ExportEntry(i)
                  .add("MESSAGE", "entry " + std::to_string(i))
                  .add("PRIORITY", std::to_string(i % 8))
                  .add("_SYSTEMD_UNIT", i % 2 == 0 ? "even.service" : "odd.service")
                  .text();
    }
    write(text, file);
  }

  std::vector<json> journalctl(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"journalctl", "--output=json", "--all",
                                          "--no-pager", "--quiet",       "--directory=" + folder_.path().string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto result = towl::test::run(arguments);
    EXPECT_EQ(result.code, 0) << result.err;
    std::vector<json> entries;
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) entries.push_back(json::parse(line));
    return entries;
  }

  std::vector<json> stored() {
    std::vector<json> entries;
    for (const std::string& text : store_.texts()) entries.push_back(json::parse(text));
    return entries;
  }

  std::unique_ptr<JournaldInput> start(JournaldInputConfig config = {}, InputContext* context = nullptr,
                                       std::vector<towl::SourcePosition> restored = {}) {
    config.directory = folder_.path().string();
    auto started = JournaldInput::start(config, context != nullptr ? *context : store_.context("j"), restored);
    EXPECT_TRUE(started) << started.error().to_string();
    return std::move(*started);
  }

  towl::SourcePosition position_of(const json& entry) {
    return {"journald/" + folder_.path().string(), entry["__CURSOR"].get<std::string>()};
  }

  towl::test::TempFolder folder_;
  test::MemoryStore store_;
};

TEST_F(JournaldTest, EveryEntryIsStoredAsJournalctlPrintsIt) {
  std::string text;
  text += ExportEntry(1).add("MESSAGE", "plain \u00e4 \"quoted\" \\").add("_HOSTNAME", "web-1").text();
  text += ExportEntry(2).add("MESSAGE", "two\nlines\tand a tab").add("A", std::string("\0\x01\xff", 3)).text();
  text += ExportEntry(3).add("MESSAGE", "\x1b[31mred\x1b[0m").add("A", "\xc2\x85").add("B", "\x7f").text();
  text += ExportEntry(4).add("MESSAGE", "").add("A", "").text();
  text += ExportEntry(5).add("NO_MESSAGE", "x").text();
  text += ExportEntry(6).add("MESSAGE", "a").add("MESSAGE", "b").add("R", "1").add("R", "2\x01").add("R", "3").text();
  text += ExportEntry(7).add("MESSAGE", std::string(300'000, 'x')).add("LONG", std::string(200'000, 'y')).text();
  text += ExportEntry(8).add("MESSAGE", "caf\xe9").add("_SOURCE_REALTIME_TIMESTAMP", "1768660200000000").text();
  text += ExportEntry(9).add("MESSAGE", "{\"a\":1}").add("_BOOT_ID", kBoot).text();
  write(text);
  const towl::Timestamp before = towl::now();
  const auto input = start();
  ASSERT_TRUE(store_.has_stored(9));
  const auto expected = journalctl();
  ASSERT_EQ(expected.size(), 9u);
  const auto entries = stored();
  ASSERT_EQ(entries.size(), 9u);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(entries[i].dump(), expected[i].dump()) << i;
  const auto first = store_.entries().front();
  EXPECT_EQ(first.sender, "web-1");
  EXPECT_GE(first.received, before);
  EXPECT_EQ(first.time(), static_cast<towl::Timestamp>((kStart_us + 1) * 1000));
  EXPECT_EQ(store_.entries()[7].time(), 1'768'660'200'000'000'000) << "its source says so";
  EXPECT_EQ(first.log_format, towl::LogFormat::journal_json);
  EXPECT_EQ(store_.entries()[1].sender, "here");
}

TEST_F(JournaldTest, WhatIsWrittenLaterIsCollectedAlsoFromNewFiles) {
  write_numbered(0, 10);
  const auto input = start();
  ASSERT_TRUE(store_.has_stored(10));
  write_numbered(10, 10);
  ASSERT_TRUE(store_.has_stored(20));
  write_numbered(20, 10, "other.journal");
  ASSERT_TRUE(store_.has_stored(30));
  EXPECT_EQ(stored(), journalctl());
  EXPECT_EQ(store_.counters().received, 30u);
}

TEST_F(JournaldTest, AStartGoesOnBehindTheStoredCursor) {
  write_numbered(0, 2000);
  const auto all = journalctl();
  const auto input = start({}, nullptr, {position_of(all[1233]), {"journald/other", "x"}, {"journald/j", "y"}});
  ASSERT_TRUE(store_.has_stored(2000 - 1234));
  input->stop();
  EXPECT_EQ(stored(), std::vector<json>(all.begin() + 1234, all.end()));
  EXPECT_EQ(store_.counters().lost_in_source, 0u);
}

TEST_F(JournaldTest, FromTheEndOnOnlyWhatComesLaterIsCollected) {
  write_numbered(0, 10);
  const auto input = start({.read_from = ReadFrom::end});
  // Not before it has looked: only what it does with a later entry shows that.
  EXPECT_TRUE(eventually([&] {
    write_numbered(10, 1);
    return store_.counters().stored > 0;
  }));
  for (const json& entry : stored()) EXPECT_EQ(entry["MESSAGE"], "entry 10");
}

TEST_F(JournaldTest, UnitsAreChosenAsJournalctlDoes) {
  std::string text = ExportEntry(100).add("MESSAGE", "started").add("_PID", "1").add("UNIT", "even.service").text();
  text += ExportEntry(101).add("MESSAGE", "forged").add("_PID", "2").add("UNIT", "even.service").text();
  text += ExportEntry(102).add("MESSAGE", "about").add("_UID", "0").add("OBJECT_SYSTEMD_UNIT", "even.service").text();
  write_numbered(0, 10);
  write(text);
  const auto input = start({.units = {"even"}});
  ASSERT_TRUE(store_.has_stored(7));
  EXPECT_EQ(stored(), journalctl({"--unit=even"}));
  test::MemoryStore both;
  auto context = both.context("j");
  const auto other = start({.units = {"even", "odd.service"}}, &context);
  EXPECT_TRUE(both.has_stored(12));
}

TEST_F(JournaldTest, ParsersLabelsAndLevelsApply) {
  write(ExportEntry(1).add("MESSAGE", "level=err msg=broken").add("PRIORITY", "6").text() +
        ExportEntry(2).add("MESSAGE", "level=debug msg=chatter").text() +
        ExportEntry(3).add("MESSAGE", "not logfmt").add("PRIORITY", "3").text());
  auto context = store_.context("j");
  context.parsers = std::make_shared<const ParserChain>(std::move(
      *make_parsers(std::vector<ParserConfig>{{.type = "logfmt", .settings = Settings::of(FieldSettings{})}})));
  context.labels = std::make_shared<const std::vector<Field>>(std::vector<Field>{{"app", "shop"}});
  context.min_level = 4;
  const auto input = start({}, &context);
  ASSERT_TRUE(store_.has_stored(2));
  const auto entries = stored();
  EXPECT_EQ(entries[0]["MESSAGE"], "broken");
  EXPECT_EQ(entries[0]["PRIORITY"], "3");
  EXPECT_EQ(entries[1]["MESSAGE"], "not logfmt");
  EXPECT_EQ(entries[1]["app"], "shop");
  EXPECT_EQ(store_.counters().below_level, 1u);
  EXPECT_EQ(store_.counters().parse_failures, 1u);
  EXPECT_EQ(store_.counters().received, 3u);
}

TEST_F(JournaldTest, WhereTheStoredEntryIsGoneItGoesOnWithTheNext) {
  write_numbered(0, 10);
  const auto old = journalctl();
  std::filesystem::remove(folder_ / "remote.journal");
  write_numbered(20, 10);
  const auto input = start({}, nullptr, {position_of(old.back())});
  ASSERT_TRUE(store_.has_stored(10));
  EXPECT_EQ(stored(), journalctl());
}

TEST_F(JournaldTest, RotatedAndRemovedFilesAreReadOnce) {
  write_numbered(0, 10);
  const auto input = start();
  ASSERT_TRUE(store_.has_stored(10));
  std::vector<json> expected = journalctl();
  std::filesystem::rename(folder_ / "remote.journal", folder_ / "remote@1.journal");
  write_numbered(10, 10);
  ASSERT_TRUE(store_.has_stored(20));
  expected = journalctl();
  std::filesystem::remove(folder_ / "remote@1.journal");
  std::filesystem::remove(folder_ / "remote.journal");
  write_numbered(20, 10, "new.journal");
  ASSERT_TRUE(store_.has_stored(30));
  for (const json& entry : journalctl()) expected.push_back(entry);
  EXPECT_EQ(stored(), expected);
}

TEST_F(JournaldTest, WhatAFullDiskRefusedIsStoredOnceThereIsRoom) {
  write_numbered(0, 3000);
  store_.disk().set_capacity(4000);
  const auto input = start();
  EXPECT_TRUE(eventually([&] { return input->status().error->find("no space") != std::string::npos; }))
      << *input->status().error;
  EXPECT_EQ(store_.counters().stored, 0u);
  store_.disk().set_capacity(std::uint64_t{1} << 30);
  ASSERT_TRUE(store_.has_stored(3000));
  EXPECT_EQ(stored(), journalctl());
  EXPECT_EQ(store_.counters().received, 3000u);
  EXPECT_EQ(store_.counters().rejected, 0u);
  EXPECT_TRUE(eventually([&] { return input->status().error == ""; }));
}

TEST_F(JournaldTest, ItStopsWhileItWaitsAndWhileTheDiskIsFull) {
  write_numbered(0, 3000);
  start()->stop();
  store_.disk().set_capacity(0);
  const auto input = start();
  EXPECT_TRUE(eventually([&] { return input->status().error != ""; }));
  input->stop();
}

TEST_F(JournaldTest, AFolderThatIsNotThereIsAnErrorAtTheStart) {
  const auto started = JournaldInput::start({.directory = (folder_ / "none").string()}, store_.context("j"), {});
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().to_string().find("none"), std::string::npos);
}

TEST(EntriesBetween, AreKnownWithinOneSequence) {
  EXPECT_EQ(entries_between("s=a;i=f;b=x", "s=a;i=1f;b=y"), 15u);
  EXPECT_EQ(entries_between("s=a;i=1", "s=a;i=2"), 0u);
  EXPECT_EQ(entries_between("s=a;i=1", "s=b;i=2"), std::nullopt);
  EXPECT_EQ(entries_between("s=a;i=2", "s=a;i=2"), std::nullopt);
  EXPECT_EQ(entries_between("", "s=a;i=2"), std::nullopt);
  EXPECT_EQ(entries_between("s=a;i=x", "s=a;i=99999999999999999999"), std::nullopt);
}

}  // namespace
}  // namespace towld
