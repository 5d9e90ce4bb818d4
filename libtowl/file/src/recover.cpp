#include "towl/recover.hpp"

#include "pages_io.hpp"
#include "recover_file.hpp"

namespace towl {

Result<RecoverReport> recover(const std::filesystem::path& path, const RecoverOptions& options) {
  FileLayer& layer = detail::layer_or_posix(options.layer);
  const auto file = layer.open(path, OpenMode::read_write);
  if (!file) return fail(file.error());
  const auto header = detail::read_header(**file, path.string());
  if (!header) return fail(header.error());
  return detail::is_v2(*header) ? detail::v2::recover(layer, path, **file, *header)
                                : detail::v1::recover(layer, path, **file, *header);
}

}  // namespace towl
