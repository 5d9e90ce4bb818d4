#include "inputs/file/file_finder.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "inputs/file/open_folder.hpp"

namespace towld {
namespace {

std::string joined(const std::string& folder, std::string_view name) {
  std::string path = folder;
  if (!path.ends_with('/')) path += '/';
  return path += name;
}

bool is_folder(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

/// Follows one pattern through the folders.
class Walk {
 public:
  Walk(const Glob& glob, FoundFiles& found) : steps_(glob.steps()), found_(found) {}

  void from(const std::string& base) {
    if (is_folder(base)) return into(base, 0, 0);
    // The next match begins with the folder that is missing.
    std::filesystem::path above = base;
    while (above.has_relative_path() && !is_folder(above.string())) above = above.parent_path();
    found_.folders.push_back(above.string());
  }

 private:
  void into(const std::string& folder, std::size_t step, std::size_t depth) {
    if (depth > kMaxFolderDepth + steps_.size() || found_.too_many) return;
    found_.folders.push_back(folder);
    if (!steps_[step].literal.empty()) return take(folder, steps_[step].literal, DT_UNKNOWN, step, depth);
    const OpenFolder open(::opendir(folder.c_str()));
    if (!open) {
      if (errno != ENOENT && errno != ENOTDIR) {
        found_.errors.push_back(towl::error_from_errno(errno, "cannot look into the folder", folder));
      }
      return;
    }
    if (steps_[step].any_folders) into_same(folder, step + 1, depth);
    while (const dirent* entry = ::readdir(open.get())) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == ".." || !steps_[step].matches(name)) continue;
      take(folder, name, entry->d_type, step, depth);
    }
  }

  /// `**` may stand for no folder at all.
  void into_same(const std::string& folder, std::size_t step, std::size_t depth) { into(folder, step, depth + 1); }

  void take(const std::string& folder, std::string_view name, unsigned char type, std::size_t step, std::size_t depth) {
    const std::string path = joined(folder, name);
    if (steps_[step].any_folders) {
      if (type == DT_UNKNOWN) {
        std::error_code ignored;
        const auto status = std::filesystem::symlink_status(path, ignored);
        if (status.type() == std::filesystem::file_type::directory) type = DT_DIR;
      }
      if (type == DT_DIR) into(path, step, depth + 1);
      return;
    }
    if (step + 1 < steps_.size()) {
      if ((type == DT_DIR || type == DT_LNK || type == DT_UNKNOWN) && is_folder(path)) into(path, step + 1, depth + 1);
      return;
    }
    struct stat status {};
    if (type == DT_DIR || (type == DT_UNKNOWN && ::lstat(path.c_str(), &status) != 0)) return;
    if (S_ISDIR(status.st_mode)) return;
    if (found_.paths.size() >= kMaxFoundFiles) {
      found_.too_many = true;
      return;
    }
    found_.paths.push_back(path);
  }

  const std::vector<Glob::Step>& steps_;
  FoundFiles& found_;
};

void sort_once(std::vector<std::string>& paths) {
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
}

}  // namespace

towl::Result<FileFinder> FileFinder::create(const FileInputConfig& config) {
  FileFinder finder;
  std::error_code error;
  const auto here = std::filesystem::current_path(error);
  for (const std::string& pattern : config.include) {
    auto glob = Glob::parse(pattern, here);
    if (!glob) return towl::fail(std::move(glob.error()));
    finder.globs_.push_back(std::move(*glob));
    finder.patterns_.push_back(pattern);
  }
  auto exclusions = Exclusions::parse(config.exclude, here);
  if (!exclusions) return towl::fail(std::move(exclusions.error()));
  finder.exclusions_ = std::move(*exclusions);
  return finder;
}

bool FileFinder::wants(const std::string& path) const {
  return !exclusions_.match(path) &&
         std::any_of(globs_.begin(), globs_.end(), [&](const Glob& glob) { return glob.matches(path); });
}

FoundFiles FileFinder::find() const {
  FoundFiles found;
  for (std::size_t i = 0; i < globs_.size(); ++i) {
    const std::size_t before = found.paths.size();
    Walk(globs_[i], found).from(globs_[i].base());
    if (found.paths.size() == before) found.unmatched.push_back(patterns_[i]);
  }
  sort_once(found.paths);
  sort_once(found.folders);
  const auto excluded = std::stable_partition(found.paths.begin(), found.paths.end(),
                                              [&](const std::string& path) { return !exclusions_.match(path); });
  found.excluded.assign(std::make_move_iterator(excluded), std::make_move_iterator(found.paths.end()));
  found.paths.erase(excluded, found.paths.end());
  return found;
}

}  // namespace towld
