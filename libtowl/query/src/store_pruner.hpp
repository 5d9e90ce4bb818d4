// StorePruner asks the filters that are stored next to files (spec/store-filters.md) where a file can have entries that
// a search wants, before the file is opened.
//
// Threads: any.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "folder_filters.hpp"
#include "towl/entry.hpp"
#include "towl/file_layer.hpp"

namespace towl::detail {

class StorePruner {
 public:
  /// `words` as in ReadOptions. The layer must outlive it.
  StorePruner(const std::vector<std::vector<std::string>>& words, FileLayer& layer);

  /// The runs of ordinals of a file that may have such entries, as in ReadOptions::within, but an empty list if there
  /// are surely none; nullopt: nothing is known.
  using Within = std::optional<std::vector<std::pair<Ordinal, Ordinal>>>;
  Within within(const std::filesystem::path& file);

  /// Whether within() costs next to nothing: an archive is asked over the network.
  bool is_cheap(const std::filesystem::path& file);

 private:
  const FolderFilters& filters_of(const std::filesystem::path& folder);

  std::vector<std::vector<v2::FilterToken>> alternatives_;
  FileLayer* layer_;
  std::mutex mutex_;
  std::map<std::filesystem::path, std::unique_ptr<FolderFilters>> folders_;
};

}  // namespace towl::detail
