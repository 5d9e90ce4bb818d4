// The vectors of spec/vectors were written by another implementation: reading and writing must agree with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <limits>
#include <random>

#include "conformance/write_described.hpp"
#include "support/description.hpp"
#include "support/temp_folder.hpp"
#include "towl/recover.hpp"
#include "towl/seal.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;

const fs::path kSpec = TOWL_SPEC_FOLDER;

class Vector : public testing::TestWithParam<const char*> {
 protected:
  fs::path file() const { return kSpec / "vectors/v1" / (std::string(GetParam()) + ".towl"); }
  std::string description() const { return bytes_of_file(kSpec / "vectors/v1" / (std::string(GetParam()) + ".txt")); }
};

TEST_P(Vector, IsReadAsDescribed) { EXPECT_EQ(describe(read_file(file())), description()); }

TEST_P(Vector, IsWrittenTheSame) {
  const std::string written = encode(parse_description(description()));
  const std::string stored = bytes_of_file(file());
  // The torn one has half an entry after it.
  EXPECT_EQ(written, stored.substr(0, written.size()));
  EXPECT_EQ(stored.size() - written.size(), GetParam() == std::string("torn") ? 64u : 0u);
}

TEST_P(Vector, IsWholeUnlessTorn) {
  const auto report = verify(file());
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_EQ(report->whole(), GetParam() != std::string("torn"));
}

INSTANTIATE_TEST_SUITE_P(Spec, Vector, testing::Values("empty", "two-entries", "times", "texts", "last-absent", "torn"),
                         [](const auto& vector) {
                           std::string name = vector.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Vectors, AllAreTested) {
  std::size_t files = 0;
  for (const auto& file : fs::directory_iterator(kSpec / "vectors/v1")) files += file.path().extension() == ".towl";
  EXPECT_EQ(files, 6u);
}

// An open file's index may lag, so verify() does not look: but a vector must not teach a wrong one.
TEST_P(Vector, HasTheIndexOfItsEntries) {
  if (GetParam() == std::string("torn")) return;  // Its index counts the entry that was cut off.
  const Described file = parse_description(description());
  EXPECT_EQ(file.index.count, file.entries.size());
  if (file.entries.empty()) {
    EXPECT_FALSE(file.index.first || file.index.last);
    return;
  }
  EXPECT_EQ(file.index.first, file.entries.front().received);
  EXPECT_EQ(file.index.last.has_value(), GetParam() != std::string("last-absent"));
  EXPECT_EQ(file.index.last.value_or(file.entries.back().received), file.entries.back().received);
}

TEST(Vectors, TheWriterMakesTheSameFile) {
  const TempFolder folder;
  // Not last-absent and torn: our writer leaves neither.
  for (const char* name : {"empty", "two-entries", "times", "texts"}) {
    SCOPED_TRACE(name);
    const fs::path vector = kSpec / "vectors/v1" / name;
    ASSERT_NO_FATAL_FAILURE(write_described(folder / name, parse_description(bytes_of_file(vector.string() + ".txt"))));
    // Not EXPECT_EQ: it would print four pages of zeros.
    EXPECT_TRUE(bytes_of_file(folder / name) == bytes_of_file(vector.string() + ".towl"));
  }
}

TEST(Vectors, TheOneWithoutLastNeedsNoRepair) {
  const TempFolder folder;
  const fs::path vector = kSpec / "vectors/v1/last-absent.towl";
  fs::copy_file(vector, folder / "6.towl");
  const auto report = recover(folder / "6.towl");
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_FALSE(report->index_rewritten);
  EXPECT_EQ(bytes_of_file(folder / "6.towl"), bytes_of_file(vector));
}

TEST(Vectors, TheTornOneIsRecoveredToItsWholeEntry) {
  const TempFolder folder;
  fs::copy_file(kSpec / "vectors/v1/torn.towl", folder / "7.towl");
  const auto report = recover(folder / "7.towl");
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_EQ(report->torn_bytes, 64u);
  EXPECT_EQ(report->index.count, 1u);
  EXPECT_EQ(bytes_of_file(folder / "7.towl.torn").size(), 64u);
  EXPECT_TRUE(verify(folder / "7.towl")->whole());
}

/// The bytes of the hex dump (as hexdump -C prints it) in a text.
std::string bytes_of_dump(const std::string& text) {
  std::istringstream lines(text);
  std::string bytes;
  bool repeats = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == "*") repeats = true;
    if (line.size() < 8 || line.find_first_not_of("0123456789abcdef") < 8 ||
        (line.size() > 8 && line.substr(8, 2) != "  ")) {
      continue;
    }
    const std::size_t offset = std::stoul(line.substr(0, 8), nullptr, 16);
    while (repeats && bytes.size() < offset) bytes += bytes.substr(bytes.size() - 16);
    repeats = false;
    EXPECT_EQ(bytes.size(), offset);
    std::istringstream columns(line.substr(std::min<std::size_t>(8, line.size()), 50));
    for (std::string column; columns >> column;) bytes += from_hex(column);
  }
  return bytes;
}

TEST(Specification, ItsWorkedExampleIsTheVector) {
  const std::string text = bytes_of_file(kSpec / "format-v1.md");
  EXPECT_EQ(bytes_of_dump(text), bytes_of_file(kSpec / "vectors/v1/two-entries.towl"));
}

// The example of spec/format-v2.md, in its three states.
std::vector<Entry> example_entries() {
  return {{"web-1", 1'768'660'201'500'000'000, LogFormat::text, "GET /index.html 200"},
          {"web-1", 1'768'660'202'000'000'000, LogFormat::text, "GET /index.css 200"},
          {"db-1", 1'768'660'259'000'000'000, LogFormat::journal_json, R"({"MESSAGE":"ready"})", -500'000'000}};
}

NewFile example_file() {
  NewFile file{.file_id = 3, .org = "acme", .title = "syslog", .opened = 1'768'660'200'000'000'000};
  file.uuid.emplace();
  for (std::size_t i = 0; i < file.uuid->size(); ++i) (*file.uuid)[i] = static_cast<std::uint8_t>(i * 17);
  return file;
}

// The example's file as a writer leaves it; empty if that fails.
std::string write_example(const fs::path& path, bool close) {
  auto writer = FileWriter::create(path, example_file());
  const auto entries = example_entries();
  const bool written = writer && writer->append(std::vector<EntryView>(entries.begin(), entries.begin() + 2)) &&
                       writer->flush() && writer->append(entries[2]) &&
                       (close ? writer->close(1'768'660'260'000'000'000) : writer->sync());
  EXPECT_TRUE(written);
  return bytes_of_file(path);
}

// Lines of all sorts, so that a sealed frame of them has columns of all kinds: places of all forms, numbers relative to
// times and to each other, clocks, fractions, rows of hexadecimal digits, nested texts, texts like no other.
std::vector<Entry> entries_of_all_kinds() {
  std::mt19937_64 random(1);
  const auto digits = [](std::size_t value, std::size_t width) {
    std::string text = std::to_string(value);
    return std::string(width - std::min(width, text.size()), '0') + text;
  };
  const auto hex = [&](std::size_t width) {
    std::string text;
    while (text.size() < width) text += "0123456789abcdef"[random() % 16];
    return text;
  };
  std::vector<Entry> entries;
  Timestamp at = 1'768'660'200'000'000'000;
  std::uint64_t sent = 4'000'000'000;
  for (std::size_t i = 0; i < 150; ++i) {
    at += static_cast<Timestamp>(random() % 900) * 1'000'000;
    sent += random() % 5000;
    const std::size_t ms = static_cast<std::size_t>(at / 1'000'000);
    const std::size_t user = i % 3 == 0 ? random() % 90 : i / 7;
    const std::string clock =
        digits(ms / 3'600'000 % 24, 2) + ":" + digits(ms / 60'000 % 60, 2) + ":" + digits(ms / 1000 % 60, 2);
    std::string fraction = i % 5 == 0 ? "" : "." + digits(ms % 1000, 3);
    while (fraction.size() > 1 && fraction.back() == '0') fraction.pop_back();
    if (fraction == ".") fraction.clear();
    entries.push_back({"web-" + std::to_string(i % 2), at, LogFormat::text,
                       "10.0.3." + std::to_string(user) + " - - [17/Jan/2026:" + clock + " +0000] \"GET /page/" +
                           std::to_string(user * 7 % 40) + " HTTP/1.1\" 200 " +
                           (i % 10 == 0 ? "-" : std::to_string(user * 7 % 40 * 311)) + " \"-\" \"agent " +
                           std::to_string(user % 11) + "\""});
    // Each by itself: compilers differ in the order in which they make the parts of a text.
    const std::string took = std::to_string(random() % 90'000);
    const std::string request_end = hex(4);
    const std::string request = hex(8) + "-" + request_end;
    entries.push_back({"db", at + 40'000, LogFormat::text,
                       "2026-01-17T" + clock + fraction + "Z request " + request + " took " + took + " us, seq " +
                           std::to_string(100 + i),
                       -static_cast<std::int64_t>(random() % 1000) * 1000});
    const std::string done = hex(6);
    const std::string cursor = hex(8);
    entries.push_back({"db", at + 50'000, LogFormat::journal_json,
                       R"({"__CURSOR":"s=)" + cursor + ";i=" + std::to_string(900 + i) + R"(","T":")" +
                           std::to_string(at / 1000) + R"(","a":{"sent":)" + std::to_string(sent) +
                           R"(},"b":[{"sent":)" + std::to_string(sent / 2 + i % 3) + R"(},7],"MESSAGE":"job )" +
                           std::to_string(i) + " of 0x" + done + R"( done"})",
                       60'000'000'000});
  }
  entries.push_back(
      {"", std::numeric_limits<Timestamp>::min(), LogFormat{-7}, std::string("\0\1\2\xFF like no other", 18)});
  entries.push_back({"", std::numeric_limits<Timestamp>::max(), LogFormat{99}, ""});
  return entries;
}

std::string describe_entries(const std::vector<Entry>& entries) {
  std::ostringstream text;
  for (const Entry& entry : entries) {
    text << "sender " << to_hex(entry.sender) << "\nreceived " << entry.received << "\ntime " << entry.view().time()
         << "\nlog_format " << static_cast<int>(entry.log_format) << "\nlog_entry " << to_hex(entry.log_entry) << "\n";
  }
  return text.str();
}

void write_all_kinds(const fs::path& folder) {
  auto writer = FileWriter::create(folder / "columns.towl", example_file());
  const auto entries = entries_of_all_kinds();
  ASSERT_TRUE(writer && writer->append(std::vector<EntryView>(entries.begin(), entries.end())) &&
              writer->close(1'768'660'500'000'000'000) && seal(folder / "columns.towl"));
  std::ofstream(folder / "columns.txt", std::ios::binary) << describe_entries(entries);
}

TEST(VectorsOfFormat2, ColumnsOfAllKindsAreReadAsDescribed) {
  const fs::path path = kSpec / "vectors/v2/columns.towl";
  auto reader = FileReader::open(path);
  ASSERT_TRUE(reader) << reader.error().to_string();
  EXPECT_TRUE(reader->index().sealed);
  const auto entries = read_all(*reader);
  EXPECT_TRUE(entries == entries_of_all_kinds());
  EXPECT_TRUE(describe_entries(entries) == bytes_of_file(kSpec / "vectors/v2/columns.txt"));
  EXPECT_TRUE(verify(path)->whole());
}

// spec/vectors/make has them written again in this way.
TEST(VectorsOfFormat2, AreWrittenWhereThatIsWanted) {
  const char* const folder = std::getenv("TOWL_MAKE_VECTORS");
  if (folder == nullptr) GTEST_SKIP() << "TOWL_MAKE_VECTORS names the folder to write them to";
  const fs::path made = folder;
  for (const char* name : {"open", "closed", "sealed", "columns"}) fs::remove(made / (std::string(name) + ".towl"));
  ASSERT_FALSE(write_example(made / "open.towl", false).empty());
  ASSERT_FALSE(write_example(made / "closed.towl", true).empty());
  fs::copy_file(made / "closed.towl", made / "sealed.towl");
  ASSERT_TRUE(seal(made / "sealed.towl"));
  ASSERT_NO_FATAL_FAILURE(write_all_kinds(made));
}

TEST(VectorsOfFormat2, AreReadAsTheyWereMeant) {
  for (const char* name : {"open", "closed", "sealed"}) {
    SCOPED_TRACE(name);
    const fs::path path = kSpec / "vectors/v2" / (std::string(name) + ".towl");
    auto reader = FileReader::open(path);
    ASSERT_TRUE(reader) << reader.error().to_string();
    EXPECT_EQ(reader->header().title, "syslog");
    EXPECT_EQ(reader->index().count, 3u);
    EXPECT_EQ(reader->index().digest, 0x21ef8a86280a6000u);
    EXPECT_EQ(reader->index().sealed, name == std::string("sealed"));
    EXPECT_EQ(read_all(*reader), example_entries());
    EXPECT_TRUE(verify(path)->whole());
  }
}

// Every line of the example says what is at its offset.
TEST(Specification, TheExampleOfFormat2IsTheVector) {
  const std::string vector = bytes_of_file(kSpec / "vectors/v2/closed.towl");
  std::istringstream lines(bytes_of_file(kSpec / "format-v2.md"));
  std::size_t compared = 0;
  for (std::string line; std::getline(lines, line);) {
    const bool is_dump = line.starts_with("    00000") && line.size() > 14 && line[12] == ':';
    if (!is_dump) continue;
    SCOPED_TRACE(line);
    // Up to the explanation, or to what is left out.
    const std::string columns = line.substr(14, std::min(line.find("  ", 14), line.find(" \u2026", 14)) - 14);
    std::string hex;
    for (const char c : columns) {
      if (c != ' ') hex += c;
    }
    const std::string bytes = from_hex(hex);
    EXPECT_EQ(to_hex(vector.substr(std::stoul(line.substr(4, 8), nullptr, 16), bytes.size())), hex);
    compared += bytes.size();
  }
  EXPECT_GT(compared, 400u);
}

TEST(VectorsOfFormat2, TheWriterMakesTheSameFile) {
  const TempFolder folder;
  for (const char* name : {"open.towl", "closed.towl"}) {
    EXPECT_TRUE(write_example(folder / name, name == std::string("closed.towl")) ==
                bytes_of_file(kSpec / "vectors/v2" / name));
  }
}

}  // namespace
}  // namespace towl::test
