#include <algorithm>

#include "pages_io.hpp"
#include "repair_file.hpp"
#include "v2/layout.hpp"

namespace towl {
namespace {

Result<std::optional<FileReader>> open_copy(const RepairOptions& options) {
  if (options.from.empty()) return std::nullopt;
  auto copy = FileReader::open(options.from, {.layer = options.layer});
  if (!copy) return fail(std::move(copy.error()));
  return std::optional(std::move(*copy));
}

Result<RepairReport> rewrite(const std::filesystem::path& path, std::optional<FileReader> copy, bool is_whole,
                             const RepairOptions& options, RepairReport report = {}) {
  FileLayer& layer = detail::layer_or_posix(options.layer);
  const auto file = layer.open(path, OpenMode::read);
  if (!file) return fail(file.error());
  if (auto done = detail::v2::repair_frames(layer, path, **file, std::move(copy), is_whole, report); !done) {
    return fail(std::move(done.error()));
  }
  return report;
}

// Whether anything is damaged before the last whole entry. A recovery would cut the tail off first, and if damage
// has moved frames, what is damaged would read differently without the tail.
bool is_damaged_within(const VerifyReport& report) {
  return std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
    return finding.offset >= detail::v2::kDataOffset && finding.offset < report.data_end;
  });
}

}  // namespace

Result<RepairReport> repair(const std::filesystem::path& path, const RepairOptions& options) {
  auto copy = open_copy(options);
  if (!copy) return fail(std::move(copy.error()));
  const RecoverOptions where{.layer = options.layer};
  auto looked = verify(path, where);
  if (!looked) return fail(looked.error());
  if (detail::is_v2(looked->header) && is_damaged_within(*looked))
    return rewrite(path, std::move(*copy), false, options);
  auto recovered = recover(path, where);
  // A file that takes no entries because its header or its index is lost may still be rewritten.
  if (!recovered && recovered.error().code != ErrorCode::corrupt) return fail(std::move(recovered.error()));
  RepairReport report;
  if (recovered) report.recovered = std::move(*recovered);
  if (recovered && !detail::is_v2(report.recovered.header)) return report;
  const bool is_as_it_was = looked->whole() && report.recovered.torn_bytes == 0 && !report.recovered.index_rewritten;
  const auto verified = is_as_it_was ? std::move(looked) : verify(path, where);
  if (!verified) return fail(verified.error());
  if (!detail::is_v2(verified->header)) return fail(std::move(recovered.error()));
  const bool is_whole = recovered && verified->whole();
  if (is_whole && (!*copy || verified->lost == 0)) return report;
  return rewrite(path, std::move(*copy), is_whole, options, std::move(report));
}

}  // namespace towl
