// SIGKILL of the collector at random moments while an output of type file writes, also between a write, its commit and
// the cursor. In the end each stored entry is in the file once, and in order.
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>

#include "support/collector.hpp"
#include "support/stores.hpp"

namespace towl::test {
namespace {

constexpr int kRounds = 12;

std::uint64_t seed_of_test() {
  const char* set = std::getenv("TOWL_TEST_SEED");
  return set != nullptr ? std::strtoull(set, nullptr, 10) : std::random_device{}();
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Appends numbered entries until the stream breaks.
void produce(towl::v1::Towl::Stub& stub, std::uint64_t& number) {
  grpc::ClientContext context;
  const auto stream = stub.Append(&context);
  std::jthread reader([&] {
    for (v1::AppendResponse response; stream->Read(&response);) {
    }
  });
  for (;;) {
    std::vector<Entry> entries;
    for (int i = 0; i < 20; ++i, ++number) {
      entries.emplace_back("a", 1, LogFormat::text, std::to_string(number) + std::string(number % 300, '.'));
    }
    if (!stream->Write(make_request(entries))) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  reader.join();
  stream->Finish();
}

/// The texts of all that is stored, a line each.
std::string stored_lines(const std::filesystem::path& folder) {
  std::string lines;
  const auto store = Store::open(folder);
  EXPECT_TRUE(store);
  for (const Entry& entry : read_all(*store)) lines += entry.log_entry + "\n";
  return lines;
}

TEST(OutputKill, EachEntryIsInTheFileOnce) {
  const auto seed = seed_of_test();
  std::printf("TOWL_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  SCOPED_TRACE("TOWL_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  const TempFolder folder;
  const auto out = folder / "all.log";
  std::ofstream(folder / "towld.yaml") << "store: { partition: { max_entries: 3000 } }\noutputs:\n"
                                       << "- { type: file, path: " << out.string()
                                       << ", format: text, from: beginning }\n";
  const std::vector<std::string> flags = {"--config", folder / "towld.yaml"};
  std::uint64_t number = 0;
  int with_a_cursor = 0;
  for (int round = 0; round < kRounds; ++round) {
    Collector collector(folder / "store", flags);
    ASSERT_FALSE(collector.address().empty());
    const std::jthread producer([&] { produce(collector.stub(), number); });
    std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<int>(0, 1500)(random)));
    collector.process().signal(SIGKILL);
    EXPECT_EQ(collector.process().wait(), 128 + SIGKILL);
    with_a_cursor += contents(folder / "store/outputs/file.cursor").find("next 0\n") == std::string::npos ? 1 : 0;
  }
  EXPECT_GT(with_a_cursor, 0);
  Collector collector(folder / "store", flags);
  const std::string expected = stored_lines(folder / "store");
  EXPECT_TRUE(eventually([&] { return std::filesystem::file_size(out) >= expected.size(); }));
  EXPECT_EQ(collector.stop(), 0);
  EXPECT_GT(expected.size(), 10'000u);
  EXPECT_TRUE(contents(out) == expected) << contents(out).size() << " bytes, and not " << expected.size();
}

}  // namespace
}  // namespace towl::test
