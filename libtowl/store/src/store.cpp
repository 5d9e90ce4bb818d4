#include "towl/store.hpp"

#include <algorithm>

#include "filenames.hpp"
#include "pages_io.hpp"
#include "v2/tail.hpp"

namespace towl {

namespace fs = std::filesystem;

namespace {

Result<FileInfo> describe_file(FileLayer& layer, const fs::path& path, FileId file_id) {
  const auto file = layer.open(path, OpenMode::read);
  if (!file) return fail(file.error());
  auto header = detail::read_header(**file, path.string());
  if (!header) return fail(std::move(header.error()));
  if (header->file_id != file_id) {
    return fail(ErrorCode::corrupt, "its header says that it is file " + std::to_string(header->file_id),
                path.string());
  }
  auto index = detail::read_index(**file, *header, path.string());
  // The entries of a file of format 2 can be read without it.
  if (!index && index.error().code == ErrorCode::corrupt && detail::is_v2(*header)) {
    index = detail::v2::count_index(**file, *header);
  }
  if (!index) return fail(index.error());
  const auto size = (*file)->size();
  if (!size) return fail(size.error());
  return FileInfo{file_id, path, *size, std::move(*header), *index};
}

}  // namespace

Result<Store> Store::open(const fs::path& folder, FileLayer* layer) {
  Store store(folder, detail::layer_or_posix(layer));
  if (auto names = store.layer_->list(folder); !names) return fail(std::move(names.error()));
  return store;
}

fs::path Store::path_of(FileId file_id) const { return folder_ / file_name(file_id); }

Result<Listing> Store::list() const {
  const auto names = layer_->list(folder_);
  if (!names) return fail(names.error());
  std::vector<FileId> ids;
  Listing listing;
  for (const std::string& name : *names) {
    if (const auto file_id = parse_file_name(name)) ids.push_back(*file_id);
    if (detail::is_foreign_file_name(name)) {
      const fs::path path = folder_ / name;
      listing.unreadable.push_back({path, detail::foreign_name_error(path)});
    }
  }
  std::sort(ids.begin(), ids.end());
  for (const FileId file_id : ids) {
    auto info = describe_file(*layer_, path_of(file_id), file_id);
    if (info) {
      listing.files.push_back(std::move(*info));
    } else if (info.error().code != ErrorCode::not_found) {  // Retention may remove a file while we look.
      listing.unreadable.push_back({path_of(file_id), std::move(info.error())});
    }
  }
  return listing;
}

Result<FileReader> Store::open_file(FileId file_id, ReadOptions options) const {
  if (options.layer == nullptr) options.layer = layer_;
  return FileReader::open(path_of(file_id), options);
}

}  // namespace towl
