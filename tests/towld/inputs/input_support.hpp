// A store in memory with an Ingest that feeds it, for the tests of inputs and outputs.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ingest/ingest.hpp"
#include "inputs/gatherer.hpp"
#include "log/logger.hpp"
#include "support/process.hpp"
#include "support/stores.hpp"
#include "towl/memory_file_layer.hpp"

namespace towld::test {

class MemoryStore {
 public:
  explicit MemoryStore(towl::PartitionPolicy partition = {}) : partition_(partition) { open(); }

  Ingest& ingest() { return *ingest_; }
  towl::MemoryFileLayer& disk() { return disk_; }

  InputContext context(const std::string& name) {
    InputContext context;
    context.name = name;
    context.ingest = ingest_.get();
    context.counters = counters_;
    context.sender = "here";
    context.log = log();
    return context;
  }

  /// Stores entries, as if an input did, and waits until they are durable.
  void store(std::vector<towl::Entry> entries) {
    auto owner = std::make_shared<std::vector<towl::Entry>>(std::move(entries));
    std::promise<bool> stored;
    Batch batch;
    batch.entries = towl::test::views(*owner);
    batch.owner = owner;
    batch.done = [&](const auto& answer) { stored.set_value(answer.has_value()); };
    ingest_->submit(std::move(batch));
    ASSERT_TRUE(stored.get_future().get());
  }

  InputCounters& counters() { return *counters_; }

  /// Whether this many entries are stored within some seconds.
  bool has_stored(std::uint64_t count) {
    return towl::test::eventually([&] { return counters_->stored >= count; });
  }

  std::vector<towl::Entry> entries() { return towl::test::read_all(ingest_->reader()); }

  /// The texts of all entries.
  std::vector<std::string> texts() {
    std::vector<std::string> texts;
    for (towl::Entry& entry : entries()) texts.push_back(std::move(entry.log_entry));
    return texts;
  }

  /// As a collector that was stopped and started again.
  void restart() {
    ingest_.reset();
    counters_ = std::make_shared<InputCounters>();
    open();
  }

  static std::shared_ptr<spdlog::logger> log() { return make_logger({.level = LogLevel::error}); }

 private:
  void open() {
    auto started = Ingest::start({.path = "/store", .partition = partition_}, log(), {.layer = &disk_});
    EXPECT_TRUE(started) << started.error().to_string();
    ingest_ = std::move(*started);
  }

  towl::PartitionPolicy partition_;
  towl::MemoryFileLayer disk_;
  std::shared_ptr<InputCounters> counters_ = std::make_shared<InputCounters>();
  std::unique_ptr<Ingest> ingest_;
};

}  // namespace towld::test
