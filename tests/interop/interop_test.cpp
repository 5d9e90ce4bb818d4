// Files of towl and of the real bincode and chrono crates are the same bytes, both ways.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "conformance/write_described.hpp"
#include "support/description.hpp"
#include "support/process.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;

/// The witness, built once. Skips the test if that is impossible: no cargo, or its crates are out of reach.
class Interop : public testing::Test {
 protected:
  void SetUp() override {
    if (std::string_view(CARGO_PROGRAM).empty())
      GTEST_SKIP() << "SKIPPED: cargo is not installed; rustup has it, Debian 12 one that is too old";
    const ProcessResult fetched = cargo("fetch");
    if (fetched.code != 0) {
      // That is our mistake, not the network's.
      ASSERT_THAT(fetched.err, testing::Not(testing::HasSubstr("--locked was passed")))
          << "Cargo.lock does not fit Cargo.toml";
      GTEST_SKIP() << "SKIPPED: the crates cannot be fetched: " << fetched.err;
    }
    const ProcessResult built = cargo("build");
    ASSERT_EQ(built.code, 0) << built.err;
  }

  static ProcessResult cargo(const char* what) {
    Process process({CARGO_PROGRAM, what, "--locked", "--quiet", "--manifest-path", WITNESS_FOLDER "/Cargo.toml"},
                    {.environment = {{"CARGO_TARGET_DIR", WITNESS_TARGET}}});
    const auto code = process.wait(std::chrono::minutes(5));
    return {code.value_or(-1), process.out(), process.err()};
  }

  ProcessResult witness(const std::vector<std::string>& arguments, const std::string& input = "") const {
    std::vector<std::string> all = {WITNESS_TARGET "/debug/towl-witness"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run(all, {.input = input});
  }

  /// A file with everything at random, text as UTF-8 since Rust's strings are.
  static Described random_file(std::mt19937_64& random) {
    const auto below = [&](std::uint64_t bound) { return random() % bound; };
    const auto text = [&](std::uint64_t max) {
      const std::vector<std::string> pieces = {"a",      "Z",      " ",         "\n", std::string(1, '\0'),
                                               "\u00e9", "\u65e5", "\U0001F4A9"};
      std::string out;
      for (std::uint64_t i = below(max + 1); i > 0; --i) out += pieces[below(pieces.size())];
      return out;
    };
    const auto time = [&] {
      const Timestamp units[] = {1, 1'000, 1'000'000, 1'000'000'000};
      const Timestamp unit = units[below(4)];
      return static_cast<Timestamp>(random()) / unit * unit;
    };
    Described file;
    file.header.org = text(20);
    file.header.title = text(20);
    file.header.file_id = random();
    file.index.opened = time();
    if (below(2) == 0) file.index.closed = time();
    for (std::uint64_t i = below(30); i > 0; --i) {
      file.entries.emplace_back(text(10), time(), static_cast<LogFormat>(static_cast<std::int32_t>(random())),
                                text(2000));
    }
    file.index.count = file.entries.size();
    if (!file.entries.empty()) {
      file.index.first = file.entries.front().received;
      file.index.last = file.entries.back().received;
    }
    return file;
  }

  /// Each value that has gone wrong somewhere: every class of digits, before 1970, the ends of 64 bits, nothing, NUL,
  /// four-byte characters, the largest entry.
  static Described tricky_file() {
    Described file;
    file.header = {.version = 1, .org = "", .title = "\u00e9\u65e5", .file_id = 1};
    file.index.opened = 1'768'660'200'123'456'789;
    constexpr Timestamp kSecond = kNanosecondsPerSecond;
    for (const Timestamp time :
         {Timestamp{0}, kSecond, Timestamp{500'000'000}, Timestamp{1'000}, Timestamp{1}, Timestamp{999'999'999},
          Timestamp{-1}, Timestamp{-1'000}, Timestamp{-1'000'000}, -kSecond, std::numeric_limits<Timestamp>::min(),
          std::numeric_limits<Timestamp>::max()}) {
      file.entries.emplace_back("host", time, LogFormat::text, "");
    }
    file.entries.emplace_back("", 0, LogFormat::journal_json, R"({"MESSAGE":"\u00e9","PRIORITY":"6"})");
    file.entries.emplace_back("\U0001F4A9", 0, static_cast<LogFormat>(-1), std::string("a\0b\n", 4));
    file.entries.emplace_back("host", 0, LogFormat::text, std::string(kMaxEntryBytes - 4, 'x'));
    file.entries.emplace_back("", -1, LogFormat::text, "");
    file.index.count = file.entries.size();
    file.index.first = file.entries.front().received;
    file.index.last = file.entries.back().received;
    return file;
  }

  /// We read their file as they meant it; FileWriter makes the same bytes; and they read these as we meant them.
  void expect_same_both_ways(const Described& file, const std::string& name) const {
    const fs::path theirs = folder_ / (name + "-theirs.towl");
    const ProcessResult wrote = witness({"write", theirs}, describe(file));
    ASSERT_EQ(wrote.code, 0) << wrote.err;
    EXPECT_EQ(describe(read_file(theirs)), describe(file));
    const fs::path ours = folder_ / (name + "-ours.towl");
    ASSERT_NO_FATAL_FAILURE(write_described(ours, file));
    // Not EXPECT_EQ: a megabyte of bytes in a message helps nobody.
    EXPECT_TRUE(bytes_of_file(ours) == bytes_of_file(theirs)) << ours << " and " << theirs << " differ";
    const ProcessResult read = witness({"read", ours});
    ASSERT_EQ(read.code, 0) << read.err;
    EXPECT_EQ(read.out, describe(file));
  }

  TempFolder folder_;
};

TEST_F(Interop, FilesAreTheSameBytesBothWays) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 40; ++round) {
    SCOPED_TRACE(round);
    ASSERT_NO_FATAL_FAILURE(expect_same_both_ways(random_file(random), "random-" + std::to_string(round)));
  }
}

TEST_F(Interop, TrickyValuesAreTheSameBytesBothWays) {
  Described file = tricky_file();
  ASSERT_NO_FATAL_FAILURE(expect_same_both_ways(file, "open"));
  file.index.closed = file.index.opened - 1;  // A clock that was set back.
  ASSERT_NO_FATAL_FAILURE(expect_same_both_ways(file, "closed"));
  file.entries.clear();
  file.index.count = 0;
  file.index.first = file.index.last = std::nullopt;
  ASSERT_NO_FATAL_FAILURE(expect_same_both_ways(file, "closed-empty"));
}

// The one difference: Rust's strings are UTF-8, ours any bytes. Format 1 cannot say so, the specification does.
TEST_F(Interop, TheirsStopsAtAnEntryThatIsNotUtf8) {
  Described file = tricky_file();
  file.entries = {{"host", 0, LogFormat::text, "good"},
                  {"host", 0, LogFormat::text, "\xff"},
                  {"host", 0, LogFormat::text, "behind"}};
  ASSERT_NO_FATAL_FAILURE(write_described(folder_ / "ours.towl", file));
  const Described ours = read_file(folder_ / "ours.towl");
  EXPECT_EQ(ours.entries, file.entries);
  Described theirs = ours;
  theirs.entries.resize(1);
  EXPECT_EQ(witness({"read", folder_ / "ours.towl"}).out, describe(theirs));
}

TEST_F(Interop, BothStopAtTheSameTornEntry) {
  std::mt19937_64 random(7);
  Described file = random_file(random);
  while (file.entries.size() < 3) file = random_file(random);
  const std::string bytes = encode(file);
  for (const std::size_t cut : {1u, 5u, 30u}) {
    const fs::path path = folder_ / "torn.towl";
    std::ofstream(path, std::ios::binary) << bytes.substr(0, bytes.size() - cut);
    EXPECT_EQ(witness({"read", path}).out, describe(read_file(path)));
  }
}

// It looks only at the magic, never at the version: format 2 has another magic, and is left alone.
TEST_F(Interop, TheirsRefusesAFileOfFormat2AndChangesNothing) {
  const fs::path path = folder_ / "2.towl";
  {
    auto writer = FileWriter::create(path, {.file_id = 2, .title = "syslog"});
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->append(EntryView{"host", 0, LogFormat::text, "text"}));
    ASSERT_TRUE(writer->close());
  }
  const std::string before = bytes_of_file(path);
  const ProcessResult read = witness({"read", path});
  EXPECT_NE(read.code, 0);
  EXPECT_EQ(read.out, "");
  EXPECT_TRUE(bytes_of_file(path) == before);
}

TEST_F(Interop, TheVectorsAreStillWhatTheyWouldBe) {
  const fs::path vectors = fs::path(WITNESS_FOLDER).parent_path().parent_path().parent_path() / "spec/vectors/v1";
  for (const auto& file : fs::directory_iterator(vectors)) {
    if (file.path().extension() != ".txt" || file.path().stem() == "torn") continue;
    const fs::path made = folder_ / "made.towl";
    ASSERT_EQ(witness({"write", made}, bytes_of_file(file.path())).code, 0);
    fs::path stored = file.path();
    EXPECT_EQ(bytes_of_file(made), bytes_of_file(stored.replace_extension(".towl"))) << file.path();
  }
}

}  // namespace
}  // namespace towl::test
