#include "torn_file.hpp"

#include <algorithm>
#include <string>

#include "towl/limits.hpp"

namespace towl::detail {

namespace fs = std::filesystem;

namespace {

Result<void> copy(File& from, std::uint64_t begin, std::uint64_t end, File& to) {
  std::string buffer(static_cast<std::size_t>(std::min<std::uint64_t>(kReadBufferBytes, end - begin)), '\0');
  for (std::uint64_t at = begin; at < end;) {
    const auto got = from.read_at(
        at, std::span(buffer).first(static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), end - at))));
    if (!got) return fail(got.error());
    if (*got == 0) break;
    if (auto put = to.write_at(at - begin, std::string_view(buffer).substr(0, *got)); !put) return put;
    at += *got;
  }
  return {};
}

Result<bool> exists(FileLayer& layer, const fs::path& path) {
  const auto file = layer.open(path, OpenMode::read);
  if (file) return true;
  if (file.error().code == ErrorCode::not_found) return false;
  return fail(file.error());
}

}  // namespace

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

Result<void> remove_if_there(FileLayer& layer, const fs::path& path) {
  auto removed = layer.remove(path);
  if (!removed && removed.error().code == ErrorCode::not_found) return {};
  return removed;
}

Result<fs::path> save_aside(FileLayer& layer, const fs::path& path, std::string_view suffix, File& file,
                            std::uint64_t begin, std::uint64_t end) {
  const fs::path base = path.string() + "." + std::string(suffix);
  const fs::path unfinished = base.string() + ".new";
  if (auto removed = remove_if_there(layer, unfinished); !removed) return fail(std::move(removed.error()));
  auto saved = layer.open(unfinished, OpenMode::create);
  if (!saved) return fail(saved.error());
  if (auto copied = copy(file, begin, end, **saved); !copied) return fail(copied.error());
  if (auto synced = (*saved)->sync(); !synced) return fail(synced.error());
  fs::path name = base;
  for (int i = 1;; ++i) {
    const auto taken = exists(layer, name);
    if (!taken) return fail(taken.error());
    if (!*taken) break;
    name = base.string() + "." + std::to_string(i);
  }
  if (auto renamed = layer.rename(unfinished, name); !renamed) return fail(renamed.error());
  if (auto synced = layer.sync_folder(folder_of(path)); !synced) return fail(synced.error());
  return name;
}

}  // namespace towl::detail
