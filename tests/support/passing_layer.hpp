// A file layer and its files that pass everything on to another one: for tests that watch or change a call or two.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "towl/file_layer.hpp"

namespace towl::test {

class PassingFile : public File {
 public:
  explicit PassingFile(std::unique_ptr<File> file) : file_(std::move(file)) {}
  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) override {
    return file_->read_at(offset, buffer);
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
};

class PassingLayer : public FileLayer {
 public:
  /// Borrows `disk`.
  explicit PassingLayer(FileLayer& disk) : disk_(disk) {}
  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) override {
    return disk_.open(path, mode);
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

 private:
  FileLayer& disk_;
};

}  // namespace towl::test
