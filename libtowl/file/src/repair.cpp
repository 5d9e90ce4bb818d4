#include "repair_file.hpp"

#include "pages_io.hpp"

namespace towl {

Result<RepairReport> repair(const std::filesystem::path& path, const RecoverOptions& options) {
  auto recovered = recover(path, options);
  if (!recovered) return fail(std::move(recovered.error()));
  RepairReport report;
  report.recovered = std::move(*recovered);
  if (!detail::is_v2(report.recovered.header)) return report;
  const auto verified = verify(path, options);
  if (!verified) return fail(verified.error());
  if (verified->whole()) return report;
  FileLayer& layer = detail::layer_or_posix(options.layer);
  const auto file = layer.open(path, OpenMode::read);
  if (!file) return fail(file.error());
  if (auto done = detail::v2::repair_frames(layer, path, **file, report); !done) return fail(std::move(done.error()));
  report.rewritten = true;
  return report;
}

}  // namespace towl
