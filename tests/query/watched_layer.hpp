// A file layer that records which files a search opens, how much it reads, and whose filters it asks.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "support/passing_layer.hpp"

namespace towl::test {

/// The operating system's files. Counts which are opened and how much is read; writes nothing if told so.
class WatchedLayer final : public PassingLayer {
 public:
  class WatchedFile final : public PassingFile {
   public:
    WatchedFile(std::unique_ptr<File> file, std::atomic<std::uint64_t>& bytes)
        : PassingFile(std::move(file)), bytes_(bytes) {}
    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) override {
      const auto got = PassingFile::read_at(offset, buffer);
      bytes_ += got.value_or(0);
      return got;
    }

   private:
    std::atomic<std::uint64_t>& bytes_;
  };

  WatchedLayer() : PassingLayer(posix_file_layer()) {}

  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) override {
    if (read_only && mode != OpenMode::read) return fail(ErrorCode::permission_denied, "read only", path.string());
    auto file = PassingLayer::open(path, mode);
    if (!file) return file;
    const bool is_log = path.extension() == ".towl";
    if (is_log) ++opened;
    return std::make_unique<WatchedFile>(std::move(*file), is_log ? file_bytes : filter_bytes);
  }
  std::string stamp(const std::filesystem::path& path) override {
    std::unique_lock lock(mutex_);
    const std::size_t asked = ++asked_[path.string()];
    // The limit of time is for a search that waits for all files: it fails, and ends.
    may_ask_.wait_for(lock, std::chrono::seconds(20), [&] { return asked_.size() <= most_asked_ || asked > 1; });
    if (asked_.size() > most_asked_) asked_too_many_ = true;
    return posix_file_layer().stamp(path);
  }

  /// The filters of more files than these are not told until more are allowed.
  void let_ask(std::size_t files) {
    const std::lock_guard lock(mutex_);
    most_asked_ = files;
    may_ask_.notify_all();
  }
  /// How often each file's filter was asked, since forget_asked().
  std::map<std::string, std::size_t> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  void forget_asked() {
    const std::lock_guard lock(mutex_);
    asked_.clear();
    asked_too_many_ = false;
  }
  bool asked_too_many() {
    const std::lock_guard lock(mutex_);
    return asked_too_many_;
  }

  std::atomic<std::uint64_t> opened = 0;
  std::atomic<std::uint64_t> file_bytes = 0;
  std::atomic<std::uint64_t> filter_bytes = 0;
  bool read_only = false;

 private:
  std::mutex mutex_;
  std::condition_variable may_ask_;
  std::map<std::string, std::size_t> asked_;
  std::size_t most_asked_ = SIZE_MAX;
  bool asked_too_many_ = false;
};

}  // namespace towl::test
