// Runs each fuzz target over its corpus: seeds, and every input that once broke something. A broken promise ends the
// program.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" {
int fuzz_open_read(const std::uint8_t* data, std::size_t size);
int fuzz_frame_decode(const std::uint8_t* data, std::size_t size);
int fuzz_query_parse(const std::uint8_t* data, std::size_t size);
int fuzz_verify_repair(const std::uint8_t* data, std::size_t size);
int fuzz_write_damage_read(const std::uint8_t* data, std::size_t size);
int fuzz_receive(const std::uint8_t* data, std::size_t size);
int fuzz_positions(const std::uint8_t* data, std::size_t size);
int fuzz_json_split(const std::uint8_t* data, std::size_t size);
int fuzz_syslog_frame(const std::uint8_t* data, std::size_t size);
int fuzz_json_read(const std::uint8_t* data, std::size_t size);
int fuzz_config_read(const std::uint8_t* data, std::size_t size);
int fuzz_tokens_read(const std::uint8_t* data, std::size_t size);
}

namespace {

namespace fs = std::filesystem;

void replay(const char* name, int (*target)(const std::uint8_t*, std::size_t)) {
  std::vector<fs::path> inputs;
  for (const auto& input : fs::directory_iterator(fs::path(TOWL_FUZZ_CORPUS) / name)) inputs.push_back(input.path());
  std::sort(inputs.begin(), inputs.end());
  ASSERT_FALSE(inputs.empty());
  for (const fs::path& input : inputs) {
    std::printf("%s\n", input.filename().c_str());
    std::fflush(stdout);
    std::ifstream file(input, std::ios::binary);
    // Memory of exactly this size: a sanitizer sees any read after its end.
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(target(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), 0);
  }
  EXPECT_EQ(target(nullptr, 0), 0);
}

TEST(FuzzCorpus, OpenRead) { replay("open_read", fuzz_open_read); }
TEST(FuzzCorpus, FrameDecode) { replay("frame_decode", fuzz_frame_decode); }
TEST(FuzzCorpus, QueryParse) { replay("query_parse", fuzz_query_parse); }
TEST(FuzzCorpus, VerifyRepair) { replay("verify_repair", fuzz_verify_repair); }
TEST(FuzzCorpus, WriteDamageRead) { replay("write_damage_read", fuzz_write_damage_read); }
TEST(FuzzCorpus, Receive) { replay("receive", fuzz_receive); }
TEST(FuzzCorpus, Positions) { replay("positions", fuzz_positions); }
TEST(FuzzCorpus, JsonSplit) { replay("json_split", fuzz_json_split); }
TEST(FuzzCorpus, SyslogFrame) { replay("syslog_frame", fuzz_syslog_frame); }
TEST(FuzzCorpus, JsonRead) { replay("json_read", fuzz_json_read); }
TEST(FuzzCorpus, ConfigRead) { replay("config_read", fuzz_config_read); }
TEST(FuzzCorpus, TokensRead) { replay("tokens_read", fuzz_tokens_read); }

}  // namespace
