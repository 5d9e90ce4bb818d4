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

#include "towl/file_layer.hpp"

namespace towl::test {

/// The operating system's files. Counts which are opened and how much is read; writes nothing if told so.
class WatchedLayer final : public FileLayer {
 public:
  class WatchedFile final : public File {
   public:
    WatchedFile(std::unique_ptr<File> file, std::atomic<std::uint64_t>& bytes)
        : file_(std::move(file)), bytes_(bytes) {}
    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) override {
      const auto got = file_->read_at(offset, buffer);
      bytes_ += got.value_or(0);
      return got;
    }
    Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
      return file_->write_at(offset, bytes);
    }
    Result<void> sync() override { return file_->sync(); }
    Result<std::uint64_t> size() override { return file_->size(); }
    Result<void> truncate(std::uint64_t size) override { return file_->truncate(size); }
    Result<void> reserve(std::uint64_t offset, std::uint64_t length) override { return file_->reserve(offset, length); }
    Result<void> release_reserved() override { return file_->release_reserved(); }
    Result<FileIdentity> identity() override { return file_->identity(); }

   private:
    std::unique_ptr<File> file_;
    std::atomic<std::uint64_t>& bytes_;
  };

  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) override {
    if (read_only && mode != OpenMode::read) return fail(ErrorCode::permission_denied, "read only", path.string());
    auto file = disk_.open(path, mode);
    if (!file) return file;
    const bool is_log = path.extension() == ".towl";
    if (is_log) ++opened;
    return std::make_unique<WatchedFile>(std::move(*file), is_log ? file_bytes : filter_bytes);
  }
  Result<std::vector<std::string>> list(const std::filesystem::path& folder) override { return disk_.list(folder); }
  Result<void> create_folder(const std::filesystem::path& folder) override { return disk_.create_folder(folder); }
  Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    return disk_.rename(from, to);
  }
  Result<void> remove(const std::filesystem::path& path) override { return disk_.remove(path); }
  Result<void> sync_folder(const std::filesystem::path& folder) override { return disk_.sync_folder(folder); }
  Result<std::unique_ptr<FileLock>> lock(const std::filesystem::path& path) override { return disk_.lock(path); }
  Result<Space> space(const std::filesystem::path& folder) override { return disk_.space(folder); }
  std::string stamp(const std::filesystem::path& path) override {
    std::unique_lock lock(mutex_);
    const std::size_t asked = ++asked_[path.string()];
    // The limit of time is for a search that waits for all files: it fails, and ends.
    may_ask_.wait_for(lock, std::chrono::seconds(20), [&] { return asked_.size() <= most_asked_ || asked > 1; });
    if (asked_.size() > most_asked_) asked_too_many_ = true;
    return disk_.stamp(path);
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
  FileLayer& disk_ = posix_file_layer();
  std::mutex mutex_;
  std::condition_variable may_ask_;
  std::map<std::string, std::size_t> asked_;
  std::size_t most_asked_ = SIZE_MAX;
  bool asked_too_many_ = false;
};

}  // namespace towl::test
