#include "module/load_module.hpp"

#include <dlfcn.h>

namespace towlctl {

namespace fs = std::filesystem;

std::vector<fs::path> module_paths(const fs::path& folder, const std::string& file) {
  return {folder / file, (folder / TOWLCTL_MODULE_FOLDER / file).lexically_normal()};
}

towl::Result<fs::path> find_part(const std::string& file, const std::string& what) {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const auto paths = module_paths(program.parent_path(), file);
  for (const fs::path& path : paths) {
    if (fs::exists(path, error)) return path;
  }
  return towl::fail(towl::ErrorCode::not_found, "what " + what + " is not installed: no " + paths.front().string() +
                                                    " and no " + paths.back().string() + ": " + kInstallAgain);
}

towl::Result<Module> load_module(const std::string& file, const std::string& what) {
  const auto path = find_part(file, what);
  if (!path) return tl::unexpected(path.error());
  void* module = dlopen(path->c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (module != nullptr) return module;
  const char* why = dlerror();
  return towl::fail(towl::ErrorCode::io, "cannot load what " + what + ": " +
                                             (why != nullptr ? why : "no reason given") +
                                             ": install the libraries it needs, or " + kInstallAgain);
}

void* symbol_in(Module module, const char* name) { return dlsym(module, name); }

}  // namespace towlctl
