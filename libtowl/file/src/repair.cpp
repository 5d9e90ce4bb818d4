#include "pages_io.hpp"
#include "repair_file.hpp"

namespace towl {
namespace {

Result<std::optional<FileReader>> open_copy(const RepairOptions& options) {
  if (options.from.empty()) return std::nullopt;
  auto copy = FileReader::open(options.from, {.layer = options.layer});
  if (!copy) return fail(std::move(copy.error()));
  return std::optional(std::move(*copy));
}

}  // namespace

Result<RepairReport> repair(const std::filesystem::path& path, const RepairOptions& options) {
  auto copy = open_copy(options);
  if (!copy) return fail(std::move(copy.error()));
  const RecoverOptions where{.layer = options.layer};
  auto recovered = recover(path, where);
  // A file that takes no entries as it is, for its header or its index is lost, may still be made anew.
  if (!recovered && recovered.error().code != ErrorCode::corrupt) return fail(std::move(recovered.error()));
  RepairReport report;
  if (recovered) report.recovered = std::move(*recovered);
  if (recovered && !detail::is_v2(report.recovered.header)) return report;
  const auto verified = verify(path, where);
  if (!verified) return fail(verified.error());
  if (!detail::is_v2(verified->header)) return fail(std::move(recovered.error()));
  const bool is_whole = recovered && verified->whole();
  if (is_whole && (!*copy || verified->lost == 0)) return report;
  FileLayer& layer = detail::layer_or_posix(options.layer);
  const auto file = layer.open(path, OpenMode::read);
  if (!file) return fail(file.error());
  if (auto done = detail::v2::repair_frames(layer, path, **file, std::move(*copy), is_whole, report); !done) {
    return fail(std::move(done.error()));
  }
  return report;
}

}  // namespace towl
