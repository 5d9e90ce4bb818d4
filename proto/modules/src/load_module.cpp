#include "towl/modules/load_module.hpp"

#include <dlfcn.h>

#include <string_view>

#include "towl/version.hpp"

namespace towl::modules {
namespace {

namespace fs = std::filesystem;

fs::path program() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error);
}

std::string install_again(const Part& part) {
  std::string advice =
      "install " + program().filename().string() + " again, as a whole (cmake --install, or its package)";
  if (!part.needs.empty()) advice += "; it is built if " + part.needs + " is installed";
  return advice;
}

}  // namespace

std::vector<fs::path> part_paths(const fs::path& folder, const std::string& file) {
  return {folder / file, (folder / TOWL_MODULE_FOLDER / file).lexically_normal()};
}

Result<fs::path> find_part(const Part& part) {
  std::error_code error;
  const auto paths = part_paths(program().parent_path(), part.file);
  for (const fs::path& path : paths) {
    if (fs::exists(path, error)) return path;
  }
  return fail(ErrorCode::not_found, "what " + part.what + " is not installed: no " + paths.front().string() +
                                        " and no " + paths.back().string() + ": " + install_again(part));
}

Result<void*> load_symbol(const Part& part, const char* symbol) {
  const auto path = find_part(part);
  if (!path) return tl::unexpected(path.error());
  void* module = dlopen(path->c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (module == nullptr) {
    const char* why = dlerror();
    return fail(ErrorCode::io, "cannot load what " + part.what + ": " + (why != nullptr ? why : "no reason given") +
                                   ": install the libraries it needs, or " + install_again(part));
  }
  const auto version = reinterpret_cast<const char* (*)()>(dlsym(module, kVersionSymbol));
  void* found = dlsym(module, symbol);
  if (version == nullptr || found == nullptr || std::string_view(version()) != kVersion) {
    return fail(ErrorCode::unsupported_version, path->string() + " is not the one of this " +
                                                    program().filename().string() + ": " + install_again(part));
  }
  return found;
}

}  // namespace towl::modules
