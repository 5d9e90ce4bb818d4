#include <string>

#include "pages_io.hpp"
#include "recover_file.hpp"
#include "torn_file.hpp"
#include "v1/entry_cursor.hpp"
#include "v1/layout.hpp"
#include "v1/pages.hpp"

namespace towl::detail::v1 {

namespace fs = std::filesystem;

namespace {

// What is known after reading all entries.
struct Scan {
  Position end{0, kDataOffset};
  std::optional<Timestamp> first;
  std::optional<Timestamp> last;
  Found stopped_by = Found::incomplete;
};

Result<Scan> scan(File& file) {
  Scan scan;
  EntryCursor cursor(file, scan.end);
  EntryView entry;
  for (;;) {
    const auto found = cursor.next(entry);
    if (!found) return fail(found.error());
    if (*found != Found::entry) {
      scan.stopped_by = *found;
      scan.end = cursor.position();
      return scan;
    }
    if (!scan.first) scan.first = entry.received;
    scan.last = entry.received;
  }
}

// Whether the page says what was found. `last` may be missing with one entry: older writers leave it out.
bool agrees(const Index& page, const Index& found) {
  if (found.count != 1 || page.last) return page == found;
  return page.opened == found.opened && page.closed == found.closed && page.count == 1 && page.first == found.first;
}

Index index_for(const Scan& scan, const Result<Index>& page, bool torn) {
  Index index;
  index.opened = scan.first.value_or(0);
  index.count = scan.end.ordinal;
  index.first = scan.first;
  index.last = scan.last;
  if (page) {
    index.opened = page->opened;
    if (!torn && page->count == index.count) index.closed = page->closed;
  }
  return index;
}

}  // namespace

Result<RecoverReport> recover(FileLayer& layer, const fs::path& path, File& file, const Header& header) {
  const auto page = read_index(file, header, path.string());
  if (!page && page.error().code != ErrorCode::corrupt) return fail(page.error());
  const auto found = scan(file);
  if (!found) return fail(found.error());
  const auto size = file.size();
  if (!size) return fail(size.error());

  RecoverReport report{.header = header, .index = {}, .data_end = found->end.offset};
  const bool torn = *size > found->end.offset;
  if (torn) {
    report.torn_bytes = *size - found->end.offset;
    report.reason = std::string(describe(found->stopped_by));
    const auto saved = save_aside(layer, path, "torn", file, found->end.offset, *size);
    if (!saved) return fail(saved.error());
    report.torn_file = saved->string();
    if (auto cut = file.truncate(found->end.offset); !cut) return fail(cut.error());
  }
  report.index = index_for(*found, page, torn);
  report.index_rewritten = !page || !agrees(*page, report.index);
  if (report.index_rewritten) {
    if (auto written = write_index_v1(file, report.index); !written) return fail(written.error());
  }
  if (torn || report.index_rewritten) {
    if (auto synced = file.sync(); !synced) return fail(synced.error());
  }
  return report;
}

}  // namespace towl::detail::v1
