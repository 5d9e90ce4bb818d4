// What a token costs each call: a hash, a look-up, a comparison in constant time.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <string>
#include <vector>

#include "access/access.hpp"

namespace {

/// A check among `state.range(0)` tokens.
void check_token(benchmark::State& state) {
  const auto folder = std::filesystem::temp_directory_path() / ("token-bench-" + std::to_string(state.range(0)));
  std::filesystem::create_directories(folder);
  std::vector<towld::TokenRecord> records;
  std::string token;
  const towld::TokenHasher hash;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    token = *towld::make_token();
    records.push_back({.name = "t" + std::to_string(i), .scopes = {towld::Scope::ingest}, .hash = hash(token)});
  }
  if (!towld::write_token_records(folder / "tokens", records)) return state.SkipWithError("cannot write the tokens");
  const auto access = towld::Access::open({.tokens = folder / "tokens"}, [](const std::string&) {});
  if (!access) return state.SkipWithError(access.error().to_string().c_str());
  for (auto step : state) {
    static_cast<void>(step);
    benchmark::DoNotOptimize((*access)->check(token, towld::Need::ingest, "192.0.2.7"));
  }
  std::filesystem::remove_all(folder);
}
BENCHMARK(check_token)->Arg(1)->Arg(10'000);

}  // namespace
