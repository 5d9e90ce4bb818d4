// FileInputTest runs file inputs against a real store, and starts them again from what the store has.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "inputs/file/batch_feeder.hpp"
#include "inputs/file/file_input.hpp"
#include "log/logger.hpp"
#include "support/process.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"

namespace towld {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class FileInputTest : public testing::Test {
 protected:
  FileInputTest() {
    config_.include = {(logs_.path() / "*.log").string()};
    start_ingest();
  }
  ~FileInputTest() override { stop(); }

  void start_ingest() {
    auto started = Ingest::start({.path = store_.path()}, log_);
    ASSERT_TRUE(started) << started.error().to_string();
    ingest_ = std::move(*started);
  }

  /// What the input shares with others; tests may change it before start().
  InputContext context() {
    InputContext context;
    context.name = name_;
    context.ingest = ingest_.get();
    context.counters = counters_;
    context.sender = "host";
    context.log = log_;
    context.labels = labels_;
    context.parsers = parsers_;
    context.claims = claims_;
    return context;
  }

  void start() {
    auto started = FileInput::start(config_, context());
    ASSERT_TRUE(started) << started.error().to_string();
    input_ = std::move(*started);
  }

  void stop() {
    if (input_) input_->stop();
    input_.reset();
  }

  /// Stops all, and starts it from what the store has.
  void restart() {
    stop();
    ASSERT_TRUE(ingest_->stop());
    ingest_.reset();
    start_ingest();
    start();
  }

  fs::path path(const std::string& name) const { return logs_.path() / name; }

  void append(const std::string& name, std::string_view bytes) const {
    std::ofstream file(path(name), std::ios::app | std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    ASSERT_TRUE(file.flush()) << name;
  }

  /// The texts in the store, in order.
  std::vector<std::string> texts() const {
    std::vector<std::string> texts;
    for (const auto& entry : entries()) texts.push_back(entry.log_entry);
    return texts;
  }
  std::vector<towl::Entry> entries() const {
    auto store = towl::Store::open(store_.path());
    EXPECT_TRUE(store);
    return store ? towl::test::read_all(*store) : std::vector<towl::Entry>();
  }

  /// Waits until the store has this many entries; returns what it has then.
  std::vector<std::string> wait_for(std::size_t count) {
    towl::test::eventually([&] { return counters_->stored >= count; }, 30s);
    return texts();
  }

  FilesStatus status() const { return *input_->status().files; }
  /// The status of the file at this path; one with impossible numbers if there is none.
  CollectedFile status(const std::string& name) const {
    for (CollectedFile& file : status().files) {
      if (file.path == path(name).string()) return std::move(file);
    }
    constexpr auto kNone = ~std::uint64_t{0};
    return {.offset = kNone, .stored_offset = kNone, .size = kNone, .bytes_in_flight = kNone};
  }
  /// Why the file is not read.
  std::string why_ignored(const std::string& name) const {
    for (const auto& [ignored, why] : status().ignored) {
      if (ignored == path(name).string()) return why;
    }
    return "";
  }
  bool is_read_to_end(const std::string& name, std::uint64_t offset) const {
    const auto file = status(name);
    return file.state == "at_end" && file.stored_offset == offset;
  }

  /// Holds the writer up until it is released.
  class Held {
   public:
    explicit Held(Ingest& ingest) {
      auto waiting = std::make_shared<std::future<void>>(go_.get_future());
      ingest.run([waiting](towl::StoreWriter&) -> std::function<void()> {
        waiting->wait();
        return [] {};
      });
    }
    ~Held() { go_.set_value(); }

   private:
    std::promise<void> go_;
  };

  towl::test::TempFolder logs_;
  towl::test::TempFolder store_;
  std::shared_ptr<spdlog::logger> log_ = make_logger({.level = LogLevel::error});
  FileInputConfig config_;
  std::string name_ = "test";
  std::shared_ptr<SourceClaims> claims_ = std::make_shared<SourceClaims>();
  std::shared_ptr<InputCounters> counters_ = std::make_shared<InputCounters>();
  std::shared_ptr<const std::vector<Field>> labels_ = std::make_shared<const std::vector<Field>>();
  std::shared_ptr<const ParserChain> parsers_ = std::make_shared<const ParserChain>();
  std::unique_ptr<Ingest> ingest_;
  std::unique_ptr<FileInput> input_;
};

}  // namespace towld
