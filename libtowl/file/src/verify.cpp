#include "pages_io.hpp"
#include "towl/recover.hpp"
#include "verify_file.hpp"

namespace towl {

Result<VerifyReport> verify(const std::filesystem::path& path, const RecoverOptions& options) {
  const auto file = detail::layer_or_posix(options.layer).open(path, OpenMode::read);
  if (!file) return fail(file.error());
  const auto header = detail::read_header(**file, path.string());
  if (header && detail::is_v2(*header)) return detail::v2::verify(**file, path.string(), *header);
  if (!header && header.error().code != ErrorCode::corrupt) return fail(header.error());
  return detail::v1::verify(**file, path.string());
}

}  // namespace towl
