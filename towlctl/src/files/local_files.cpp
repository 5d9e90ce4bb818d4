#include "files/local_files.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "files/file_layers.hpp"
#include "session/session.hpp"
#include "towl/file_name.hpp"

namespace towlctl {
namespace {

namespace fs = std::filesystem;

towl::Result<std::vector<fs::path>> files_in(const fs::path& folder) {
  const auto names = file_layer().list(folder);
  if (!names) {
    auto error = names.error();
    if (error.code == towl::ErrorCode::not_found && !is_archive(folder)) {
      error.message = "no such store; mirror one with `towlctl sync`, or name another with --store";
    }
    return tl::unexpected(error);
  }
  std::vector<towl::FileId> ids;
  for (const std::string& name : *names) {
    if (const auto id = towl::parse_file_name(name)) ids.push_back(*id);
  }
  std::sort(ids.begin(), ids.end());
  std::vector<fs::path> paths;
  paths.reserve(ids.size());
  for (const towl::FileId id : ids) paths.push_back(folder / towl::file_name(id));
  return paths;
}

std::optional<towl::FileId> parse_id(const std::string& name) {
  towl::FileId id = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return id;
}

}  // namespace

fs::path local_store(const std::string& option) {
  return option.empty() ? default_store(default_server()) : fs::path(option);
}

towl::Result<std::vector<fs::path>> find_files(const fs::path& store, const std::vector<std::string>& names) {
  if (names.empty()) return files_in(store);
  std::vector<fs::path> paths;
  std::error_code ignored;
  for (const std::string& name : names) {
    const auto id = parse_id(name);
    const fs::path path = id ? store / towl::file_name(*id) : fs::path(name);
    const bool is_there = is_archive(path) || fs::exists(path, ignored);
    if (!id && is_folder(path)) {
      auto inside = files_in(path);
      if (!inside) return inside;
      paths.insert(paths.end(), inside->begin(), inside->end());
    } else if (!is_there) {
      return towl::fail(towl::ErrorCode::not_found,
                        id ? "the store has no file " + name + "; `towlctl ls` tells which there are"
                           : "no such file, and no ID of one; `towlctl ls` tells which there are",
                        id ? store.string() : name);
    } else {
      paths.push_back(path);
    }
  }
  return paths;
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return is_archive(path) ? file_id_of(path) == 0 : fs::is_directory(path, ignored);
}

towl::FileId file_id_of(const fs::path& path) { return towl::parse_file_name(path.filename().string()).value_or(0); }

std::string short_name(const fs::path& path) {
  const towl::FileId id = file_id_of(path);
  return id != 0 ? std::to_string(id) : path.string();
}

}  // namespace towlctl
