#include "store_pruner.hpp"

namespace towl::detail {

StorePruner::StorePruner(const std::vector<std::vector<std::string>>& words, FileLayer& layer) : layer_(&layer) {
  for (const auto& alternative : words) {
    auto& tokens = alternatives_.emplace_back();
    for (const std::string& word : alternative) tokens.push_back(v2::filter_token(word));
  }
}

const FolderFilters& StorePruner::filters_of(const std::filesystem::path& folder) {
  const std::lock_guard lock(mutex_);
  auto& filters = folders_[folder];
  if (!filters) filters = std::make_unique<FolderFilters>(folder, *layer_);
  return *filters;
}

bool StorePruner::is_cheap(const std::filesystem::path& file) {
  return alternatives_.empty() || filters_of(file.parent_path()).is_cheap();
}

StorePruner::Within StorePruner::within(const std::filesystem::path& file) {
  if (alternatives_.empty()) return std::nullopt;
  const auto ranges = filters_of(file.parent_path()).may_be_at(file, alternatives_);
  if (!ranges) return std::nullopt;
  Within within(std::in_place);
  for (const v2::OrdinalRange& range : *ranges) within->emplace_back(range.begin, range.end);
  return within;
}

}  // namespace towl::detail
