// LocalCopy is what the mirrors of both formats share: the file of the copy, how it is made, and how bytes get to its
// end.
#pragma once

#include <string>
#include <string_view>

#include "towl/mirror/file_mirror.hpp"

namespace towl::detail {

class LocalCopy : public FileMirror {
 public:
  const std::filesystem::path& path() const final { return path_; }
  bool exists() const final { return file_ != nullptr; }
  bool differs() const final { return differs_; }
  std::uint64_t count() const final { return count_; }
  std::uint64_t end() const final { return end_; }
  Result<std::filesystem::path> set_aside() final;

  /// Opens the existing file and sets everything below.
  virtual Result<void> look() = 0;

 protected:
  LocalCopy(std::filesystem::path folder, const ServedFile& remote, std::string front, FileLayer& layer);

  /// Makes the copy from front_: it is complete under its name or not there. It is then open for writing.
  Result<void> create();

  /// Opens the existing copy for writing, and cuts off what is after end().
  Result<void> open_to_append();

  /// Writes at end(); if that fails, the copy stays as it was.
  Result<void> write_at_end(std::string_view bytes);

  Result<void> sync();

  std::filesystem::path folder_;
  std::filesystem::path path_;
  FileLayer* layer_;
  std::string front_;  // what is before the first entry of a new copy; its header page is that of every copy
  Timestamp opened_;   // as the index page must say

  std::unique_ptr<File> file_;
  bool begun_ = false;  // file_ is open for writing
  bool differs_ = false;
  std::uint64_t count_ = 0;
  std::uint64_t end_ = 0;
  std::uint64_t size_ = 0;  // of the file
  std::uint64_t unsynced_bytes_ = 0;
};

/// A free name for `name` in a folder that has `taken`: `name` itself, or with .1, .2, … after it.
std::string free_name(const std::string& name, const std::vector<std::string>& taken);

}  // namespace towl::detail
