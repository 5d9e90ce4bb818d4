#include "export/export.hpp"

#include "towl/file_layer.hpp"

namespace towlctl {
namespace {

namespace fs = std::filesystem;

towl::Result<void> check_target(const ExportOptions& options) {
  std::error_code error;
  const bool has_files = options.partitions.is_none() || !fs::is_directory(options.to, error)
                             ? fs::exists(options.to, error)
                             : !fs::is_empty(options.to, error);
  if (!has_files || options.replaces) return {};
  return towl::fail(towl::ErrorCode::already_exists, "it is there already: --force replaces it", options.to.string());
}

}  // namespace

fs::path partial_name(const fs::path& path) { return path.string() + ".partial"; }

towl::Result<std::uint64_t> finish_file(const fs::path& path) {
  towl::FileLayer& layer = towl::posix_file_layer();
  auto file = layer.open(partial_name(path), towl::OpenMode::read_write);
  if (!file) return tl::unexpected(file.error());
  if (auto synced = (*file)->sync(); !synced) return tl::unexpected(synced.error());
  auto size = (*file)->size();
  if (auto renamed = layer.rename(partial_name(path), path); !renamed) return tl::unexpected(renamed.error());
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (auto synced = layer.sync_folder(folder); !synced) return tl::unexpected(synced.error());
  return size;
}

towl::Result<Exported> run_export(const ExportOptions& options) {
  if (!options.write_out) {
    if (auto checked = check_target(options); !checked) return tl::unexpected(checked.error());
  }
  switch (options.format) {
    case ExportFormat::parquet:
    case ExportFormat::duckdb:
      return export_to_duckdb(options);
    case ExportFormat::sqlite:
      return export_to_sqlite(options);
    default:
      return export_to_text(options);
  }
}

}  // namespace towlctl
