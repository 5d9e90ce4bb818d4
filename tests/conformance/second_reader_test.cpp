// A second reader, written only from the specification, gives what ours gives: for the vectors, for files in all
// states, and for damaged ones. spec/reader/towl_reader.py is that reader. If the two differ, one of them, or the text,
// is wrong.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <span>
#include <sstream>

#include "support/process.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towl/file_writer.hpp"
#include "towl/recover.hpp"
#include "towl/seal.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Entries as JSON, and whether the file was whole.
struct Given {
  std::vector<json> entries;
  bool whole = true;
};

json as_json(std::string_view text) {
  try {
    (void)json(std::string(text)).dump();  // What is no UTF-8 it refuses.
    return std::string(text);
  } catch (const json::type_error&) {
    json bytes = json::array();
    for (const char byte : text) bytes.push_back(static_cast<unsigned char>(byte));
    return bytes;
  }
}

Given read_with_ours(const fs::path& path) {
  Given given;
  auto reader = FileReader::open(path);
  if (!reader) return {.entries = {}, .whole = false};
  for (;;) {
    const auto entry = reader->next();
    if (!entry) {
      given.whole = false;
      if (reader->continues_behind_damage()) continue;
      return given;
    }
    if (!*entry) return given;
    given.entries.push_back({{"file_id", reader->header().file_id},
                             {"ordinal", reader->ordinal()},
                             {"sender", as_json((*entry)->sender)},
                             {"time", format_rfc3339((*entry)->time()).view()},
                             {"received", format_rfc3339((*entry)->received).view()},
                             {"log_format", static_cast<int>((*entry)->log_format)},
                             {"log_entry", as_json((*entry)->log_entry)}});
  }
}

class SecondReader : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"/usr/bin/python3", "python3"}) {
      const auto found = run({"/usr/bin/env", name, "-c", "import xxhash, zstandard"});
      if (found.code == 0) python_ = name;
      if (found.code == 0) return;
    }
    GTEST_SKIP() << "SKIPPED: no python3 with the modules zstandard and xxhash (scripts/install-dependencies has them)";
  }

  Given read_with_the_second(const fs::path& path) const {
    const auto read = run({"/usr/bin/env", python_, TOWL_SECOND_READER, path});
    Given given{.entries = {}, .whole = read.code == 0};
    EXPECT_EQ(read.err.find("Traceback"), std::string::npos) << read.err;
    EXPECT_EQ(read.err.empty(), given.whole) << read.err;
    std::istringstream lines(read.out);
    for (std::string line; std::getline(lines, line);) given.entries.push_back(json::parse(line, nullptr, false));
    return given;
  }

  void expect_same(const fs::path& path) const {
    SCOPED_TRACE(path);
    const Given ours = read_with_ours(path);
    const Given theirs = read_with_the_second(path);
    EXPECT_EQ(theirs.whole, ours.whole);
    ASSERT_EQ(theirs.entries.size(), ours.entries.size());
    for (std::size_t i = 0; i < ours.entries.size(); ++i) ASSERT_EQ(theirs.entries[i], ours.entries[i]) << i;
  }

  /// All kinds of texts, some with event times, in frames of a few.
  std::vector<Entry> entries(std::size_t count) {
    std::vector<Entry> made;
    const Timestamp start = 1'768'660'200'000'000'000;
    for (std::size_t i = 0; i < count; ++i) {
      const auto number = random_() % 100'000;
      std::string text;
      auto format = LogFormat::text;
      switch (random_() % 7) {
        case 0:
          text = "2026-01-17 14:" + std::to_string(10 + i % 50) + ":0" + std::to_string(i % 10) + " sshd[" +
                 std::to_string(number) + "]: Invalid user u" + std::to_string(number % 17) + " from 10.0.0." +
                 std::to_string(number % 250);
          break;
        case 1:
          text = "id=" + std::to_string(0x100000 + number) + " GET /items/" + std::to_string(number % 40) + " 200";
          break;
        case 2:
          format = LogFormat::journal_json;
          text = R"({"MESSAGE":"request )" + std::to_string(number) + R"( done","_PID":")" +
                 std::to_string(number % 300) + R"(","UNIT":"web.service"})";
          break;
        case 3:
          for (std::size_t n = number % 60; n > 0; --n) text += static_cast<char>(random_());
          break;
        case 4:
          text = "trace 4f" + std::to_string(number % 10) + "e" + std::to_string(1'000'000 + number) + "abcdef took " +
                 std::to_string(number % 900) + " ms";
          break;
        case 5:
          break;
        default:
          text = numbered_text(i);
      }
      Entry entry("host-" + std::to_string(i % 3), start + static_cast<Timestamp>(i * 1'000'000 * (1 + i % 3)), format,
                  text);
      if (i % 4 == 1) entry.time_offset = -static_cast<std::int64_t>(random_() % 5'000'000'000);
      made.push_back(std::move(entry));
    }
    return made;
  }

  /// Files that are open, closed, sealed, repaired with a gap, and of format 1.
  std::vector<fs::path> files(std::size_t count) {
    for (const char* name : {"open", "closed", "sealed", "gap", "v1"}) fs::create_directory(folder_ / name);
    const auto path = [&](const char* name) { return folder_ / name / "7.towl"; };
    {
      auto store = FileWriter::create(path("open"), {.file_id = 7, .org = "acme", .title = "second"});
      auto old = FileWriter::create(path("v1"), {.file_id = 7, .org = "acme", .format = FileFormat::v1});
      const auto all = entries(count);
      for (std::size_t i = 0; i < all.size();) {
        const std::size_t part = std::min(all.size() - i, 1 + random_() % 40);
        const bool with_positions = random_() % 4 == 0;
        const auto some = std::span(all).subspan(i, part);
        const std::vector<EntryView> batch(some.begin(), some.end());
        EXPECT_TRUE(with_positions ? store->append(batch, std::vector<SourcePosition>{{"file/a", std::to_string(i)}})
                                   : store->append(batch));
        EXPECT_TRUE(old->append(batch));
        EXPECT_TRUE(store->flush());
        EXPECT_TRUE(random_() % 8 != 0 || store->sync());
        i += part;
      }
      EXPECT_TRUE(random_() % 2 == 0 || store->append_gap(3, {}));
      EXPECT_TRUE(old->close());
      EXPECT_TRUE(store->settle());
      fs::copy_file(path("open"), path("closed"));
    }
    EXPECT_TRUE(FileWriter::open(path("closed"))->close());
    fs::copy_file(path("closed"), path("sealed"));
    fs::copy_file(path("closed"), path("gap"));
    EXPECT_TRUE(seal(path("sealed")));
    flip(path("gap"), fs::file_size(path("gap")) / 2);
    EXPECT_TRUE(repair(path("gap")));
    return {path("open"), path("closed"), path("sealed"), path("gap"), path("v1")};
  }

  static std::string bytes_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static void write(const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
  static void flip(const fs::path& path, std::uint64_t at) {
    std::string bytes = bytes_of(path);
    bytes[at] = static_cast<char>(bytes[at] ^ 4);
    write(path, bytes);
  }

  /// Damage of some sort, somewhere.
  std::string damaged(std::string bytes) {
    std::vector<std::size_t> frames;
    for (std::size_t at = bytes.find("TWLF"); at != std::string::npos; at = bytes.find("TWLF", at + 1))
      frames.push_back(at);
    frames.push_back(bytes.size());
    const std::size_t i = random_() % (frames.size() - 1);
    const std::string frame = bytes.substr(frames[i], frames[i + 1] - frames[i]);
    const std::size_t anywhere = random_() % bytes.size();
    switch (random_() % 8) {
      case 0:
      case 1:
        bytes[anywhere] = static_cast<char>(bytes[anywhere] ^ (1 << random_() % 8));
        return bytes;
      case 2:
        return bytes.replace(anywhere, std::min<std::size_t>(512, bytes.size() - anywhere), 512, '\0');
      case 3:
        return bytes.insert(random_() % 2 == 0 ? frames[i] : anywhere, 4096, '\0');
      case 4:
        return bytes.insert(frames[i + 1], frame);
      case 5:
        return bytes.erase(frames[i], i == 0 ? 0 : frame.size());
      case 6:
        return bytes.substr(0, std::max<std::size_t>(anywhere, 2048));
      default:
        return bytes + std::string(random_() % 300, '\x5A');
    }
  }

  TempFolder folder_;
  std::string python_;
  const std::uint32_t seed_ = std::random_device{}();
  std::mt19937 random_{seed_};
};

TEST_F(SecondReader, ReadsEveryVector) {
  std::size_t count = 0;
  for (const char* version : {"v1", "v2"}) {
    for (const auto& file : fs::directory_iterator(fs::path(TOWL_SPEC_FOLDER) / "vectors" / version)) {
      if (file.path().extension() != ".towl") continue;
      expect_same(file.path());
      ++count;
    }
  }
  EXPECT_GE(count, 12u);
}

// Written from the specification, as the reader: RFC 8032's key, and another one.
TEST_F(SecondReader, ChecksSignedHeads) {
  const fs::path folder = TOWL_SPEC_FOLDER;
  const auto check = [&](const char* key) {
    return run({"/usr/bin/env", python_, folder / "reader/check_heads.py", key, folder / "vectors/v2/signed.towl"});
  };
  const auto good = check("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(good.code, 0) << good.err;
  EXPECT_EQ(good.out, "5 entries: proved\n10 entries: proved\n12 entries: proved\n");
  const auto other = check("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  EXPECT_EQ(other.code, 1) << other.err;
}

TEST_F(SecondReader, ReadsFilesInAllStates) {
  SCOPED_TRACE(testing::Message() << "seed " << seed_);
  for (const fs::path& path : files(5000)) {
    expect_same(path);
    EXPECT_TRUE(read_with_ours(path).whole);
  }
}

TEST_F(SecondReader, GivesTheSameOfWhatIsDamaged) {
  SCOPED_TRACE(testing::Message() << "seed " << seed_);
  auto made = files(400);
  made.pop_back();  // Format 1 cannot tell damage.
  for (int i = 0; i < 40 && !HasFailure(); ++i) {
    SCOPED_TRACE(i);
    const fs::path path = folder_ / "7.towl";
    write(path, damaged(bytes_of(made[random_() % made.size()])));
    expect_same(path);
  }
}

}  // namespace
}  // namespace towl::test
