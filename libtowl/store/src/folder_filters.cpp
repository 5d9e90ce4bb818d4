#include "folder_filters.hpp"

#include "towl/file_name.hpp"
#include "towl/store_filters.hpp"

namespace towl::detail {

namespace fs = std::filesystem;

FolderFilters::FolderFilters(const fs::path& folder, FileLayer& layer)
    : folder_(folder), layer_(&layer), log_(FilterLog::read(layer, folder / kFiltersName)) {
  if (log_) return;
  const fs::path objects = folder / fs::path(filter_object_name(0)).parent_path();
  auto names = layer.list(objects);
  if (names) objects_.insert(names->begin(), names->end());
}

std::optional<std::vector<v2::OrdinalRange>> FolderFilters::may_be_at(
    const fs::path& file, std::span<const std::vector<v2::FilterToken>> alternatives) const {
  const auto file_id = parse_file_name(file.filename().string());
  if (!file_id) return std::nullopt;
  const auto is_of = [&](const v2::FilterHead& head) {
    return !head.groups.empty() && head.file_id == *file_id && head.stamp != 0 &&
           head.stamp == v2::stamp_hash(layer_->stamp(file));
  };
  if (log_) {
    const LoggedFilter* const found = log_->find(*file_id);
    if (found == nullptr || !is_of(found->head)) return std::nullopt;
    const auto read = [&](std::uint64_t offset, std::size_t bytes) {
      return log_->bytes(found->offset + offset, bytes);
    };
    return v2::may_be_at(found->head, read, alternatives);
  }
  const fs::path name = filter_object_name(*file_id);
  if (!objects_.contains(name.filename().string())) return std::nullopt;
  const auto object = layer_->open(folder_ / name, OpenMode::read);
  if (!object) return std::nullopt;
  const auto head = read_filter_head(**object, 0);
  if (!head || !is_of(*head)) return std::nullopt;
  const auto read = [&](std::uint64_t offset, std::size_t bytes) { return read_exactly(**object, offset, bytes); };
  return v2::may_be_at(*head, read, alternatives);
}

}  // namespace towl::detail
