// Files of towl and of the real bincode and chrono crates are the same bytes, both ways.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "support/description.hpp"
#include "support/process.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;

/// The witness, built once. Skips the test where that cannot be: no cargo, or its crates are out of reach.
class Interop : public testing::Test {
 protected:
  void SetUp() override {
    if (std::string_view(CARGO_PROGRAM).empty()) GTEST_SKIP() << "SKIPPED: cargo is not installed";
    const ProcessResult fetched = cargo("fetch");
    if (fetched.code != 0) GTEST_SKIP() << "SKIPPED: the crates cannot be fetched: " << fetched.err;
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

  TempFolder folder_;
};

TEST_F(Interop, FilesAreTheSameBytesBothWays) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 40; ++round) {
    const Described file = random_file(random);
    // Theirs is read as it was meant, and ours is the same.
    const fs::path theirs = folder_ / "theirs.towl";
    ASSERT_EQ(witness({"write", theirs}, describe(file)).code, 0);
    EXPECT_EQ(describe(read_file(theirs)), describe(file));
    const std::string bytes = encode(file);
    EXPECT_EQ(bytes_of_file(theirs), bytes);
    // Ours is read by them as it was meant.
    const fs::path ours = folder_ / "ours.towl";
    std::ofstream(ours, std::ios::binary) << bytes;
    const ProcessResult read = witness({"read", ours});
    ASSERT_EQ(read.code, 0) << read.err;
    EXPECT_EQ(read.out, describe(file));
  }
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
