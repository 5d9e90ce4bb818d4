// If sealing fails for a cause that may pass, it is tried again by itself.
#include "ingest/sealer.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "log/logger.hpp"
#include "support/stores.hpp"
#include "towl/memory_file_layer.hpp"
#include "towl/store_filters.hpp"

namespace towld {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kFiles = 3;

class SealerTest : public testing::Test {
 protected:
  SealerTest() {
    auto writer = towl::StoreWriter::open("/store", {.partition = {.max_entries = 100}, .layer = &layer_});
    EXPECT_TRUE(writer->append(towl::test::views(towl::test::numbered_entries(0, 100 * kFiles))));
    EXPECT_TRUE(writer->close());
    auto started = Ingest::start({.path = "/store"}, log_, {.layer = &layer_});
    EXPECT_TRUE(started);
    ingest_ = std::move(*started);
  }

  void start_sealer() {
    sealer_ = Sealer::start(*ingest_, log_, {.first_pause = 1ms, .longest_pause = 4ms, .layer = &layer_});
  }

  std::size_t sealed() {
    const auto listing = ingest_->reader().list();
    if (!listing) return 0;
    return static_cast<std::size_t>(std::count_if(listing->files.begin(), listing->files.end(),
                                                  [](const auto& file) { return file.index.sealed; }));
  }

  template <class Condition>
  static bool wait_for(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!condition() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(1ms);
    return condition();
  }

  towl::MemoryFileLayer layer_;
  std::shared_ptr<spdlog::logger> log_ = make_logger({.level = LogLevel::error});
  std::unique_ptr<Ingest> ingest_;
  std::shared_ptr<Sealer> sealer_;
};

TEST_F(SealerTest, AFullDiskIsWaitedFor) {
  layer_.set_capacity(1);
  const std::uint64_t before = layer_.operations();
  start_sealer();
  ASSERT_TRUE(wait_for([&] { return layer_.operations() > before + 200; }));
  EXPECT_EQ(sealed(), 0u);
  layer_.set_capacity(std::uint64_t{1} << 30);
  EXPECT_TRUE(wait_for([&] { return sealed() == kFiles; }));
}

// As if all descriptors are in use: opening, listing and all else fails for a while, from any call on.
TEST_F(SealerTest, WhateverCallFailsForAWhileAllIsSealedInTheEnd) {
  const std::string before[kFiles] = {layer_.contents("/store/1.towl"), layer_.contents("/store/2.towl"),
                                      layer_.contents("/store/3.towl")};
  for (const towl::ErrorCode code : {towl::ErrorCode::io, towl::ErrorCode::no_space}) {
    for (std::uint64_t call = 0; call < 60; call += 3) {
      SCOPED_TRACE(testing::Message() << to_string(code) << " from call " << call);
      for (std::size_t i = 0; i < kFiles; ++i) {
        layer_.set_contents("/store/" + std::to_string(i + 1) + ".towl", before[i]);
      }
      layer_.fail_at(layer_.operations() + call, code, 25);
      start_sealer();
      ASSERT_TRUE(wait_for([&] { return sealed() == kFiles; }));
      sealer_->stop();
    }
  }
}

TEST_F(SealerTest, FiltersAreKeptBesideTheFilesAndMadeAgainWhereTheyAreLost) {
  const auto have_filters = [&] {
    for (std::size_t i = 0; i < kFiles; ++i) {
      if (towl::filter_bytes("/store/" + std::to_string(i + 1) + ".towl", &layer_) == 0) return false;
    }
    return true;
  };
  start_sealer();
  ASSERT_TRUE(wait_for([&] { return sealed() == kFiles && have_filters(); }));
  sealer_->stop();
  ASSERT_TRUE(layer_.remove("/store/store.filters"));
  EXPECT_FALSE(have_filters());
  start_sealer();
  EXPECT_TRUE(wait_for(have_filters));
}

TEST_F(SealerTest, AFileThatIsDamagedIsLeftAlone) {
  std::string damaged = layer_.contents("/store/1.towl");
  damaged[4000] ^= 1;  // within the one frame of entries
  layer_.set_contents("/store/1.towl", damaged);
  start_sealer();
  EXPECT_TRUE(wait_for([&] { return sealed() == kFiles - 1; }));
  EXPECT_TRUE(layer_.contents("/store/1.towl") == damaged);
}

}  // namespace
}  // namespace towld
