// FilterLog reads `store.filters`: records of filters back to back. The last record of a file counts.
//
// It reads a small log, or one with many records, at once; else only the heads, and parts of filters when asked for.
// Concurrent writers append, or put another file in its place: what is read here stays as it was.
// Threads: any, once it is read.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "towl/file_layer.hpp"
#include "v2/file_filter.hpp"

namespace towl::detail {

struct LoggedFilter {
  v2::FilterHead head;
  std::uint64_t offset = 0;  ///< Of the record.
};

class FilterLog {
 public:
  /// nullopt: there is none, or it cannot be read.
  static std::optional<FilterLog> read(FileLayer& layer, const std::filesystem::path& path);

  /// nullptr: the file has none.
  const LoggedFilter* find(FileId file_id) const;

  const std::unordered_map<FileId, LoggedFilter>& filters() const { return filters_; }
  std::uint64_t size() const { return size_; }

  /// `bytes` of the file at `offset`; nullopt if they cannot be read.
  std::optional<std::string> bytes(std::uint64_t offset, std::size_t bytes) const;

 private:
  FilterLog(std::unique_ptr<File> file, std::uint64_t size) : file_(std::move(file)), size_(size) {}
  void read_heads();

  std::unique_ptr<File> file_;
  std::uint64_t size_ = 0;
  std::string whole_;  // Empty if it was not read at once.
  std::unordered_map<FileId, LoggedFilter> filters_;
};

/// The filter of one file, from a file of its own or from the front of one. nullopt: there is no valid one.
std::optional<v2::FilterHead> read_filter_head(File& file, std::uint64_t offset);

/// Exactly `bytes` bytes at `offset`; nullopt if there are fewer.
std::optional<std::string> read_exactly(File& file, std::uint64_t offset, std::size_t bytes);

}  // namespace towl::detail
