#include "files/file_layers.hpp"

#include <mutex>
#include <optional>

#include "towl/modules/load_module.hpp"

namespace towlctl {
namespace {

namespace fs = std::filesystem;

towl::Result<std::unique_ptr<Archive>> load_archive() {
  const auto open = towl::modules::load_function<OpenArchiveModule>(
      {.file = kArchiveModuleFile, .what = "reads archives"}, kArchiveOpenSymbol);
  if (!open) return tl::unexpected(open.error());
  towl::Result<std::unique_ptr<Archive>> archive;
  (*open)(archive);
  return archive;
}

class FileLayers final : public towl::FileLayer {
 public:
  towl::Result<Archive*> archive() {
    std::lock_guard lock(mutex_);
    if (!archive_) archive_ = load_archive();
    if (!*archive_) return tl::unexpected(archive_->error());
    return (*archive_)->get();
  }

  towl::Result<std::unique_ptr<towl::File>> open(const fs::path& path, towl::OpenMode mode) override {
    const auto layer = of(path);
    if (!layer) return tl::unexpected(layer.error());
    return (*layer)->open(path, mode);
  }
  towl::Result<std::vector<std::string>> list(const fs::path& folder) override {
    const auto layer = of(folder);
    if (!layer) return tl::unexpected(layer.error());
    return (*layer)->list(folder);
  }
  towl::Result<void> create_folder(const fs::path& folder) override {
    const auto layer = of(folder);
    return layer ? (*layer)->create_folder(folder) : tl::unexpected(layer.error());
  }
  towl::Result<void> rename(const fs::path& from, const fs::path& to) override {
    const auto layer = of(from);
    return layer ? (*layer)->rename(from, to) : tl::unexpected(layer.error());
  }
  towl::Result<void> remove(const fs::path& path) override {
    const auto layer = of(path);
    return layer ? (*layer)->remove(path) : tl::unexpected(layer.error());
  }
  towl::Result<void> sync_folder(const fs::path& folder) override {
    const auto layer = of(folder);
    return layer ? (*layer)->sync_folder(folder) : tl::unexpected(layer.error());
  }
  towl::Result<std::unique_ptr<towl::FileLock>> lock(const fs::path& path) override {
    const auto layer = of(path);
    if (!layer) return tl::unexpected(layer.error());
    return (*layer)->lock(path);
  }
  std::string stamp(const fs::path& path) override {
    const auto layer = of(path);
    return layer ? (*layer)->stamp(path) : std::string();
  }
  towl::Result<towl::Space> space(const fs::path& folder) override {
    const auto layer = of(folder);
    return layer ? (*layer)->space(folder) : tl::unexpected(layer.error());
  }

 private:
  towl::Result<towl::FileLayer*> of(const fs::path& path) {
    if (!is_archive(path)) return &towl::posix_file_layer();
    const auto found = archive();
    if (!found) return tl::unexpected(found.error());
    return static_cast<towl::FileLayer*>(*found);
  }

  std::mutex mutex_;
  std::optional<towl::Result<std::unique_ptr<Archive>>> archive_;
};

FileLayers& layers() {
  static FileLayers layers;
  return layers;
}

}  // namespace

towl::FileLayer& file_layer() { return layers(); }

towl::Result<Archive*> archive() { return layers().archive(); }

}  // namespace towlctl
