#include "pages_io.hpp"
#include "repair_file.hpp"

namespace towl {

Result<RepairReport> repair(const std::filesystem::path& path, const RecoverOptions& options) {
  auto recovered = recover(path, options);
  // A file that takes no entries as it is, for its header or its index is lost, may still be made anew.
  if (!recovered && recovered.error().code != ErrorCode::corrupt) return fail(std::move(recovered.error()));
  RepairReport report;
  if (recovered) report.recovered = std::move(*recovered);
  if (recovered && !detail::is_v2(report.recovered.header)) return report;
  const auto verified = verify(path, options);
  if (!verified) return fail(verified.error());
  if (!detail::is_v2(verified->header)) return fail(std::move(recovered.error()));
  if (recovered && verified->whole()) return report;
  FileLayer& layer = detail::layer_or_posix(options.layer);
  const auto file = layer.open(path, OpenMode::read);
  if (!file) return fail(file.error());
  if (auto done = detail::v2::repair_frames(layer, path, **file, report); !done) return fail(std::move(done.error()));
  report.rewritten = true;
  return report;
}

}  // namespace towl
