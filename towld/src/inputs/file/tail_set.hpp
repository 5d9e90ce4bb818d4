// TailSet has all tails of an input, and bounds how many of their files are open.
//
// Threads: one: the input's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "inputs/file/file_tail.hpp"
#include "limits/limits.hpp"

namespace towld {

/// kMaxOpenFiles, or a quarter of what the process may open (RLIMIT_NOFILE): clients need the rest.
std::size_t open_files_limit();

class TailSet {
 public:
  explicit TailSet(std::size_t max_open = open_files_limit()) : max_open_(max_open) {}

  FileTail& add(const FileIdentity& identity, const std::string& path, const TailSettings& settings,
                const std::optional<FilePosition>& from = {});
  void remove(std::uint64_t key);

  /// nullptr if there is none.
  FileTail* find(std::uint64_t key);
  FileTail* find(const FileIdentity& identity);

  /// Opens the tail's file at `path`, unless it is open; closes the one unread for longest if too many are open.
  towl::Result<void> open(FileTail& tail, const std::string& path);

  std::size_t size() const { return tails_.size(); }
  std::size_t open_files() const;

  /// By key: the order in which they were found.
  auto begin() { return tails_.begin(); }
  auto end() { return tails_.end(); }

 private:
  bool close_one(const FileTail& but);

  std::size_t max_open_;
  std::size_t open_ = 0;  // about: what tails close by themselves is found when it matters
  std::uint64_t last_key_ = 0;
  std::uint64_t uses_ = 0;
  std::map<std::uint64_t, std::unique_ptr<FileTail>> tails_;
  std::map<FileIdentity, FileTail*> by_identity_;
  std::unordered_map<std::uint64_t, std::uint64_t> used_;  // by key: when the file was used last
};

}  // namespace towld
