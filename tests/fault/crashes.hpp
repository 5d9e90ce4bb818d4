// Runs a script again and again. The machine goes down at each call of the file layer in turn.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "fault/small_files.hpp"
#include "towl/memory_file_layer.hpp"
#include "towl/store.hpp"

namespace towl::test {

/// What is left of what was not synced. `random` is visited with several seeds, `torn` at every sector.
struct CrashKind {
  const char* name;
  PowerCut cut;
};

inline std::vector<CrashKind> crash_kinds() {
  return {{"KeepAll", PowerCut::keep_all},
          {"KeepSynced", PowerCut::keep_synced},
          {"KeepRandom", PowerCut::keep_random},
          {"KeepTorn", PowerCut::keep_torn}};
}
inline void PrintTo(const CrashKind& kind, std::ostream* to) { *to << kind.name; }
inline std::string crash_name(const testing::TestParamInfo<CrashKind>& kind) { return kind.param.name; }

/// Whether what was written, synced or not, is there after such a crash.
inline bool keeps_written(PowerCut kind) { return kind == PowerCut::keep_all || kind == PowerCut::keep_torn; }

inline constexpr const char* kCrashStore = "/s";

/// Files of 40 entries. A second passes with each call: the index page is written with each sync.
inline StoreOptions crash_options(MemoryFileLayer& disk, Timestamp& time) {
  return {.org = "acme", .partition = {.max_entries = 40}, .layer = &disk, .clock = [&time] {
            return time += kNanosecondsPerSecond;
          }};
}

struct Crash {
  PowerCut kind;
  std::uint64_t call = 0;
  std::uint64_t seed = 0;  ///< Of the coin, or which of the torn states.
};

/// For each call that `script` makes: `prepare(disk)`, `script(disk)` with a crash at that call, the power comes back,
/// `check(disk, crash)`. Once more without a crash in the script. Ends at the first failure.
template <class Prepare, class Script, class Check>
void each_crash(const CrashKind& kind, Prepare prepare, Script script, Check check) {
  constexpr std::uint64_t kSeeds = 10;
  const std::uint64_t seeds = kind.cut == PowerCut::keep_random ? kSeeds * fault_rounds() : 1;
  for (std::uint64_t call = 0;; ++call) {
    bool finished = false;
    std::uint64_t states = seeds;
    for (std::uint64_t seed = 0; seed < states; ++seed) {
      MemoryFileLayer disk;
      prepare(disk);
      const std::uint64_t stop = disk.operations() + call;
      disk.stop_at(stop);
      script(disk);
      finished = disk.operations() <= stop;
      if (kind.cut == PowerCut::keep_torn) states = std::max<std::uint64_t>(1, disk.torn_states());
      const Crash crash{kind.cut, call, kind.cut == PowerCut::keep_random ? call * 1000 + seed : seed};
      disk.cut_power(crash.kind, crash.seed);
      SCOPED_TRACE(testing::Message() << "call " << call << ", " << kind.name << ", seed or state " << crash.seed);
      check(disk, crash);
      if (testing::Test::HasFailure()) return;
    }
    if (finished) return;
  }
}

}  // namespace towl::test
