// FolderFilters says where in the sealed files of a folder, a store's or an archive's, a word may be.
//
// Threads: any.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "filter_log.hpp"
#include "towl/file_layer.hpp"

namespace towl::detail {

class FolderFilters {
 public:
  /// Reads the folder's filters; if there are none, it knows nothing.
  FolderFilters(const std::filesystem::path& folder, FileLayer& layer);

  /// All of them were read at once: a question costs a look at a file's times, and no request.
  bool is_cheap() const { return log_.has_value(); }

  /// Where this file of the folder may have entries whose texts hold all tokens of one of the alternatives. nullopt:
  /// nothing is known of it. The file is not opened: its stamp tells that the filter was made of it.
  std::optional<std::vector<v2::OrdinalRange>> may_be_at(
      const std::filesystem::path& file, std::span<const std::vector<v2::FilterToken>> alternatives) const;

 private:
  std::filesystem::path folder_;
  FileLayer* layer_;
  std::optional<FilterLog> log_;
  std::set<std::string> objects_;  // Names of filters in files of their own.
};

}  // namespace towl::detail
